#include "nn/block.h"

#include <gtest/gtest.h>

namespace hiddenkey {
namespace {

constexpr int64_t kWidth = 8, kHidden = 12;
constexpr double kRounding = 1e-12;  // float64: what differs is the order of sums of a dozen terms

Linear linear(int64_t outputs, int64_t inputs, const std::vector<int64_t>& widths = {}) {
  return {at::randn({outputs, inputs}, at::kDouble),
          at::randn({outputs}, at::kDouble),
          widths.empty() ? std::vector{outputs} : widths,
          {}};
}

Norm norm() { return {at::rand({kWidth}, at::kDouble) + 0.5, at::randn({kWidth}, at::kDouble), 1e-5}; }

Block make_block(bool norm_first, bool gated) {
  at::manual_seed(8);
  Block block;
  block.shape = {2, 2, 4, false};
  block.norm_first = norm_first;
  block.gated = gated;
  block.qkv = linear(3 * kWidth, kWidth, {kWidth, kWidth, kWidth});
  block.output = linear(kWidth, kWidth);
  block.up = linear(gated ? 2 * kHidden : kHidden, kWidth);
  block.down = linear(kWidth, kHidden);
  block.attention_norm = norm();
  block.mlp_norm = norm();
  return block;
}

LowRank term(int64_t outputs, int64_t offset) {
  return {at::randn({2, kWidth}, at::kDouble), at::randn({outputs, 2}, at::kDouble), 0.5, offset};
}

struct Inputs {
  PackedLayout layout = make_layout({0, 4, 5, 11}, at::kCPU);
  at::Tensor x_ND = at::randn({11, kWidth}, at::kDouble);
  Rotation rotation = rotation_at(layout.position_N, at::tensor({1.0, 0.3}, at::kDouble));

  at::Tensor run(const Block& block, bool rotates, Rows rows) const {
    const DropoutScope plain;
    const LayerPass pass{plain, 0, rows};
    const Projected projected = block.project(x_ND, rotates ? &rotation : nullptr, layout, pass);
    const PackedLayout& queries = rows == Rows::kPicked ? *layout.firsts : layout;
    return block.attend(projected, queries, layout, pass);
  }
  /// How far the first tokens alone come out from where they come out among all.
  double distance(const Block& block, bool rotates) const {
    const at::Tensor all = run(block, rotates, Rows::kAll).index_select(0, layout.first_B);
    return (run(block, rotates, Rows::kPicked) - all).abs().max().item<double>();
  }
};

TEST(Block, AnEncodersFirstTokensAloneAreThoseAmongAll) {
  for (const bool norm_first : {false, true}) {
    for (const bool gated : {false, true}) {
      for (const bool rotates : {false, true})
        EXPECT_LT(Inputs().distance(make_block(norm_first, gated), rotates), kRounding)
            << norm_first << gated << rotates;
    }
  }
}

TEST(Block, AnAdapterOverQueryKeyAndValueAsOneModuleActsOnEach) {
  Block fused = make_block(true, false);
  fused.qkv.adapters = {term(3 * kWidth, 0)};
  EXPECT_LT(Inputs().distance(fused, true), kRounding);

  Block apart = fused;
  const LowRank whole = fused.qkv.adapters.front();
  apart.qkv.adapters.clear();
  for (int64_t part = 0; part < 3; ++part)
    apart.qkv.adapters.push_back({whole.a_RI, whole.b_OR.narrow(0, part * kWidth, kWidth), 0.5, part * kWidth});
  const Inputs inputs;
  for (const Rows rows : {Rows::kAll, Rows::kPicked}) {
    const double gap = (inputs.run(fused, true, rows) - inputs.run(apart, true, rows)).abs().max().item<double>();
    EXPECT_LT(gap, kRounding);
  }
}

TEST(Block, GradientsOfAFusedAdapterComeFromBothPartsThatReadIt) {
  Block block = make_block(true, false);
  block.qkv.adapters = {term(3 * kWidth, 0)};
  const LowRank& adapter = block.qkv.adapters.front();
  at::Tensor a = adapter.a_RI, b = adapter.b_OR;
  a.set_requires_grad(true);
  b.set_requires_grad(true);
  const Inputs inputs;
  std::vector<at::Tensor> grads;
  for (const Rows rows : {Rows::kAll, Rows::kPicked}) {
    a.mutable_grad() = b.mutable_grad() = at::Tensor();
    at::Tensor y = inputs.run(block, true, rows);
    if (rows == Rows::kAll) y = y.index_select(0, inputs.layout.first_B);
    y.square().sum().backward();
    grads.push_back(at::cat({a.grad().flatten(), b.grad().flatten()}));
  }
  // Relative to the largest, which is far above 1.
  EXPECT_LT(((grads[0] - grads[1]) / grads[0].abs().max()).abs().max().item<double>(), kRounding);
}

TEST(Block, WithoutANormAttentionReadsItsInputAsItIs) {
  Block block = make_block(true, false);
  block.attention_norm.reset();
  const Inputs inputs;
  const DropoutScope plain;
  const Projected projected = block.project(inputs.x_ND, nullptr, inputs.layout, {plain});
  EXPECT_TRUE(projected.qkv_NW.equal(block.qkv.forward(inputs.x_ND, {plain})));
}

}  // namespace
}  // namespace hiddenkey
