#include "nn/token_loss.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "dropout/consistency.h"
#include "support/distance.h"

namespace hiddenkey {
namespace {

// More rows than one chunk holds: 2^23 / 300,000 is 27.
constexpr int64_t kRows = 29, kWidth = 5, kVocabulary = 300'000;

struct Fixture {
  at::ScalarType type;
  Linear head;
  at::Tensor x1, x2, labels;

  explicit Fixture(at::ScalarType scalar = at::kDouble, int64_t rows = kRows, int64_t vocabulary = kVocabulary)
      : type(scalar) {
    at::manual_seed(1);
    head.weight_OI = at::randn({vocabulary, kWidth}, type);
    head.widths = {vocabulary};
    x1 = at::randn({rows, kWidth}, type).set_requires_grad(true);
    x2 = (x1.detach() + at::randn({rows, kWidth}, type) * 0.3).set_requires_grad(true);
    labels = at::randint(vocabulary, {rows}, at::kLong);
  }
  at::Tensor logits(const at::Tensor& x) const { return at::linear(x, head.weight_OI); }
  at::Tensor entropy(const at::Tensor& x, double smoothing) const {
    return at::cross_entropy_loss(logits(x), labels, {}, at::Reduction::Mean, -100, smoothing);
  }
};

// float64: sums over a vocabulary in another order.
constexpr double kExact = 1e-12;
// A CPU without AVX-512 adds the 300,000 terms of a product one by one, which leaves some 1e-12.
constexpr double kExactProduct = 1e-11;

TEST(TokenLoss, ChunksGiveTheCrossEntropyOfAllLogits) {
  for (const double smoothing : {0.0, 0.1}) {
    const Fixture s;
    const TokenLosses losses = token_losses(s.x1, {}, s.head, s.labels, {.label_smoothing = smoothing});
    const at::Tensor expected = s.entropy(s.x1, smoothing);
    EXPECT_LT(distance(losses.total, expected), kExact);
    EXPECT_LT(distance(losses.ce, expected), kExact);
    EXPECT_FALSE(losses.consistency.defined());
    const at::Tensor grad = torch::autograd::grad({losses.total * 3}, {s.x1})[0];
    EXPECT_LT(distance(grad, torch::autograd::grad({expected * 3}, {s.x1})[0]), kExactProduct);
  }
}

TEST(TokenLoss, TwoPassesGiveTheConsistencyLossAndTheGradientOfEachBranch) {
  for (const ConsistencyLoss kind : {ConsistencyLoss::kKl, ConsistencyLoss::kJs}) {
    for (const ConsistencyBackward backward : {ConsistencyBackward::kOne, ConsistencyBackward::kBoth}) {
      const Fixture s;
      const bool both = backward == ConsistencyBackward::kBoth;
      const at::Tensor x2 = both ? s.x2 : s.x2.detach();
      const TokenLosses losses = token_losses(s.x1, x2, s.head, s.labels, {0.1, kind, 0.7, backward});
      const at::Tensor ce = both ? (s.entropy(s.x1, 0.1) + s.entropy(s.x2, 0.1)) * 0.5 : s.entropy(s.x1, 0.1);
      const at::Tensor consistency = (kind == ConsistencyLoss::kKl ? bidirectional_kl : jensen_shannon)(
          s.logits(s.x1), s.logits(both ? s.x2 : s.x2.detach()));
      EXPECT_LT(distance(losses.ce, ce), kExact);
      EXPECT_LT(distance(losses.consistency, consistency), kExact);
      EXPECT_LT(distance(losses.total, ce + consistency * 0.7), kExact);
      losses.total.backward();
      const at::Tensor grad1 = s.x1.grad(), grad2 = s.x2.grad();
      s.x1.mutable_grad() = s.x2.mutable_grad() = at::Tensor();
      (ce + consistency * 0.7).backward();
      EXPECT_LT(distance(grad1, s.x1.grad()), kExact);
      EXPECT_EQ(grad2.defined(), both);
      if (both) {
        EXPECT_LT(distance(grad2, s.x2.grad()), kExact);
      }
    }
  }
}

Fixture in_float32(const Fixture& wide) {
  Fixture narrow = wide;
  narrow.head.weight_OI = wide.head.weight_OI.to(at::kFloat);
  narrow.x1 = wide.x1.detach().to(at::kFloat).set_requires_grad(true);
  narrow.x2 = wide.x2.detach().to(at::kFloat).set_requires_grad(true);
  return narrow;
}

/// How far the gradient of the cross-entropy of all logits is from float64's when the tape computes it in float32. The
/// library's product has 300,000 terms, and how it adds them depends on the CPU: without AVX-512 it was 4e-5.
double rounding_of_the_tape() {
  const Fixture wide, narrow = in_float32(wide);
  const auto gradient = [](const Fixture& s) { return torch::autograd::grad({s.entropy(s.x1, 0.1)}, {s.x1})[0]; };
  return distance(gradient(narrow), gradient(wide));
}

// float32: sums over 300,000 logits, whose gradients are of the order of 1 / rows.
TEST(TokenLoss, TheRowsOfACpuGiveTheLossesAndGradientsOfTheTape) {
  const double rounding = std::max(1e-6, 2 * rounding_of_the_tape());
  for (const ConsistencyBackward backward : {ConsistencyBackward::kOne, ConsistencyBackward::kBoth}) {
    for (const bool two : {false, true}) {
      const Fixture wide, narrow = in_float32(wide);
      const TokenObjective objective{0.1, two ? ConsistencyLoss::kKl : ConsistencyLoss::kNone, 0.7, backward};
      const bool both = two && backward == ConsistencyBackward::kBoth;
      const auto run = [&](const Fixture& s) {
        const at::Tensor second = both ? s.x2 : two ? s.x2.detach() : at::Tensor();
        const TokenLosses losses = token_losses(s.x1, second, s.head, s.labels, objective);
        losses.total.backward();
        return losses;
      };
      const TokenLosses expected = run(wide), losses = run(narrow);
      EXPECT_LT(distance(losses.total, expected.total), 1e-5);
      if (two) {
        EXPECT_LT(distance(losses.consistency, expected.consistency), 1e-6);
      }
      EXPECT_LT(distance(narrow.x1.grad(), wide.x1.grad()), rounding);
      EXPECT_GT(wide.x1.grad().abs().max().item<double>(), 1e-2);
      if (both) {
        EXPECT_LT(distance(narrow.x2.grad(), wide.x2.grad()), rounding);
      }
    }
  }
}

TEST(TokenLoss, ATrainedHeadGetsItsGradient) {
  for (const bool adapter : {false, true}) {
    Fixture s(at::kDouble, 22, 400'000);
    at::Tensor a = at::randn({2, kWidth}, s.type).set_requires_grad(true);
    at::Tensor b = at::randn({400'000, 2}, s.type).set_requires_grad(true);
    if (adapter) {
      s.head.adapters.push_back({a, b, 0.5, 0, 0, 0});
    } else {
      s.head.weight_OI.set_requires_grad(true);
    }
    const TokenObjective objective{0, ConsistencyLoss::kKl, 0.7, ConsistencyBackward::kBoth};
    token_losses(s.x1, s.x2, s.head, s.labels, objective).total.backward();
    const at::Tensor trained = adapter ? b : s.head.weight_OI;
    const at::Tensor grad = trained.grad(), grad_x = s.x2.grad();
    trained.mutable_grad() = s.x2.mutable_grad() = at::Tensor();
    const at::Tensor weight = adapter ? s.head.weight_OI + at::matmul(b, a) * 0.5 : s.head.weight_OI;
    const at::Tensor logits1 = at::linear(s.x1, weight), logits2 = at::linear(s.x2, weight);
    const at::Tensor ce = (at::cross_entropy_loss(logits1, s.labels) + at::cross_entropy_loss(logits2, s.labels)) * 0.5;
    (ce + bidirectional_kl(logits1, logits2) * 0.7).backward();
    EXPECT_LT(distance(grad, trained.grad()), kExact);
    EXPECT_LT(distance(grad_x, s.x2.grad()), kExact);
  }
}

TEST(TokenLoss, NegativeLogLikelihoodIsTheUnsmoothedSum) {
  const Fixture s;
  const at::Tensor sum = token_negative_log_likelihood(s.x1, s.head, s.labels);
  EXPECT_NEAR(sum.item<double>(), s.entropy(s.x1, 0).item<double>() * kRows, 1e-9);
}

}  // namespace
}  // namespace hiddenkey
