#include "nn/norm.h"

#include <gtest/gtest.h>

namespace hiddenkey {
namespace {

// A GPU takes LibTorch's kernel in the place of ours.
TEST(RmsNorm, OursIsLibTorchs) {
  at::manual_seed(4);
  const at::Tensor weight = at::rand({24}, at::kDouble).add(0.5), x = at::randn({9, 24}, at::kDouble);
  const at::Tensor grad = at::randn({9, 24}, at::kDouble);
  std::vector<at::Tensor> results;
  for (const bool ours : {true, false}) {
    const at::Tensor own_x = x.clone().set_requires_grad(true), own_weight = weight.clone().set_requires_grad(true);
    const at::Tensor out = ours ? Norm{own_weight, at::Tensor(), 1e-6, NormKind::kRms}.forward(own_x)
                                : at::rms_norm(own_x, {24}, own_weight, 1e-6);
    out.backward(grad);
    results.push_back(at::cat({out.detach().flatten(), own_x.grad().flatten(), own_weight.grad()}));
  }
  // float64: what differs is the order of sums of 24 products.
  EXPECT_LT((results[0] - results[1]).abs().max().item<double>(), 1e-13);
}

// The formula of Ba et al. (2016), with and without its bias.
TEST(LayerNorm, IsTheFormulaWithABiasAndWithoutOne) {
  at::manual_seed(4);
  const at::Tensor weight = at::rand({24}, at::kDouble).add(0.5), bias = at::randn({24}, at::kDouble);
  const at::Tensor x = at::randn({9, 24}, at::kDouble), centred = x - x.mean(-1, true);
  const at::Tensor plain = centred / (centred.square().mean(-1, true) + 1e-5).sqrt() * weight;
  const at::Tensor with = Norm{weight, bias, 1e-5}.forward(x);
  const at::Tensor without = Norm{weight, at::Tensor(), 1e-5, NormKind::kPlainLayer}.forward(x);
  EXPECT_LT((with - plain - bias).abs().max().item<double>(), 1e-13);
  EXPECT_LT((without - plain).abs().max().item<double>(), 1e-13);
}

}  // namespace
}  // namespace hiddenkey
