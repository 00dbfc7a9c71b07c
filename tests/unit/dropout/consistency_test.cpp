#include "dropout/consistency.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace hiddenkey {
namespace {

at::Tensor divergence(const at::Tensor& p, const at::Tensor& q) { return (p * (p / q).log()).sum(-1).mean(); }

TEST(Consistency, KlIsHalfOfBothDirections) {
  const at::Tensor one = at::randn({7, 5}, at::kDouble), two = at::randn({7, 5}, at::kDouble);
  const at::Tensor p = one.softmax(-1), q = two.softmax(-1);
  EXPECT_NEAR(bidirectional_kl(one, two).item<double>(), ((divergence(p, q) + divergence(q, p)) / 2).item<double>(),
              1e-12);
}

TEST(Consistency, JsIsMeasuredFromTheMixture) {
  const at::Tensor one = at::randn({7, 5}, at::kDouble), two = at::randn({7, 5}, at::kDouble);
  const at::Tensor p = one.softmax(-1), q = two.softmax(-1), m = (p + q) / 2;
  EXPECT_NEAR(jensen_shannon(one, two).item<double>(), ((divergence(p, m) + divergence(q, m)) / 2).item<double>(),
              1e-12);
}

TEST(Consistency, EqualPassesCostNothing) {
  const at::Tensor logits = at::randn({7, 5});
  EXPECT_EQ(bidirectional_kl(logits, logits).item<float>(), 0.0F);
  EXPECT_NEAR(jensen_shannon(logits, logits).item<double>(), 0.0, 1e-7);
}

TEST(Consistency, GradientsAreTheDerivatives) {
  const at::Tensor other = at::randn({3, 4}, at::kDouble);
  for (const auto loss : {bidirectional_kl, jensen_shannon}) {
    const at::Tensor logits = at::randn({3, 4}, at::kDouble).set_requires_grad(true);
    loss(logits, other).backward();
    const double step = 1e-6;
    for (int64_t i = 0; i < 3; ++i) {
      at::Tensor up = logits.detach().clone(), down = logits.detach().clone();
      up[i][1] += step;
      down[i][1] -= step;
      const double slope = ((loss(up, other) - loss(down, other)) / (2 * step)).item<double>();
      EXPECT_NEAR(logits.grad()[i][1].item<double>(), slope, 1e-8);
    }
  }
}

}  // namespace
}  // namespace hiddenkey
