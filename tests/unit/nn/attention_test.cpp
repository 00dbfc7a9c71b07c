#include "kernels/attention.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "dropout/mask.h"
#include "kernels/cpu/attention.h"
#include "kernels/reference/attention.h"

namespace hiddenkey {
namespace {

constexpr int64_t kHeads = 3, kHeadSize = 8, kWidth = kHeads * kHeadSize;

struct Result {
  at::Tensor out, dq, dqkv;
};

struct Case {
  PackedLayout keys = make_layout({0, 7, 8, 21, 24}, at::kCPU);
  AttentionShape shape{kHeads, kHeads, kHeadSize, false};
  AttentionDropout dropout;
  Rows rows = Rows::kAll;

  int64_t width() const { return kWidth + 2 * shape.kv_heads * kHeadSize; }

  Result run(at::Tensor (*attend)(const at::Tensor&, const at::Tensor&, const AttentionShape&, const PackedLayout&,
                                  const PackedLayout&, const AttentionDropout&),
             at::ScalarType type) const {
    const at::Generator generator = at::detail::createCPUGenerator(1);
    const at::Tensor qkv = at::randn({keys.rows(), width()}, generator, at::kFloat).to(type).set_requires_grad(true);
    const at::Tensor grad = at::randn({keys.rows(), kWidth}, generator, at::kFloat).to(type);
    if (rows == Rows::kAll) {
      const at::Tensor out = attend(at::Tensor(), qkv, shape, keys, keys, dropout);
      out.backward(grad);
      return {out.detach(), at::Tensor(), qkv.grad()};
    }
    const at::Tensor q = qkv.detach().index_select(0, keys.first_B).narrow(1, 0, kWidth).set_requires_grad(true);
    const at::Tensor out = attend(q, qkv.narrow(1, kWidth, width() - kWidth), shape, *keys.firsts, keys, dropout);
    out.backward(grad.narrow(0, 0, 4));
    return {out.detach(), q.grad(), qkv.grad()};
  }
};

// float32 sums of at most 70 products of size 1 against the same in float64.
constexpr double kTolerance = 5e-6;

void expect_fused_equals_plain(const Case& c) {
  const Result fused = c.run(cpu::attention, at::kFloat), plain = c.run(reference::attention, at::kDouble);
  EXPECT_LT((fused.out.to(at::kDouble) - plain.out).abs().max().item<double>(), kTolerance);
  EXPECT_LT((fused.dqkv.to(at::kDouble) - plain.dqkv).abs().max().item<double>(), kTolerance);
  if (plain.dq.defined()) {
    EXPECT_LT((fused.dq.to(at::kDouble) - plain.dq).abs().max().item<double>(), kTolerance);
  }
}

at::Tensor mask(const Case& c, Pattern pattern, Position position, double rate) {
  const DropoutPlan plan;
  return attention_keep({{&plan, &c.keys, {Draw{9}}}}, {position}, Site{rate, pattern}, c.shape);
}

/// `c` with each pattern at both positions (-1: none), for all rows and for the first ones.
template <class Check>
void for_every_mask(const Case& c, double rate, const Check& check) {
  for (const int logits : {-1, 0, 1, 2}) {
    for (const int weights : {-1, 0, 1, 2}) {
      for (const Rows rows : {Rows::kAll, Rows::kPicked}) {
        if (c.shape.causal && rows == Rows::kPicked) continue;  // a causal model is asked for its last rows
        for (const bool through : {false, true}) {
          Case masked = c;
          masked.rows = rows;
          masked.dropout.grad_through_norm = through;
          if (logits >= 0) masked.dropout.logits_keep = mask(c, static_cast<Pattern>(logits), Position::kLogits, rate);
          if (weights >= 0)
            masked.dropout.weights_keep = mask(c, static_cast<Pattern>(weights), Position::kWeights, rate);
          SCOPED_TRACE(testing::Message() << logits << weights << static_cast<int>(rows) << through);
          check(masked);
        }
      }
    }
  }
}

class CpuAttentionHeads : public testing::TestWithParam<int64_t> {};
INSTANTIATE_TEST_SUITE_P(OfKeys, CpuAttentionHeads, testing::Values(kHeads, 1));

TEST_P(CpuAttentionHeads, EqualsThePlainFormulaForEveryMask) {
  for (const bool causal : {false, true}) {
    Case c;
    c.shape.kv_heads = GetParam();
    c.shape.causal = causal;
    SCOPED_TRACE(causal);
    for_every_mask(c, 0.4, expect_fused_equals_plain);
  }
}

/// The first sequence is longer than what the kernel visits at once, and each span of it longer than a window.
PackedLayout longer() { return make_layout({0, 70, 71, 84, 87}, at::kCPU); }

TEST_P(CpuAttentionHeads, EqualsThePlainFormulaForEveryMaskInsideOfAWindow) {
  for (const bool causal : {false, true}) {
    for (const int64_t reach : {1, 3, 40, 1000}) {
      Case c;
      c.keys = longer();
      c.shape.kv_heads = GetParam();
      c.shape.causal = causal;
      c.shape.reach = reach;
      SCOPED_TRACE(testing::Message() << causal << " " << reach);
      for_every_mask(c, 0.7, expect_fused_equals_plain);
    }
  }
}

TEST(SlidingWindow, IsAttentionOverTheKeysWithinReachAlone) {
  const PackedLayout layout = make_layout({0, 3, 50}, at::kCPU);
  const at::Tensor qkv = at::randn({50, 3 * kWidth}, at::detail::createCPUGenerator(2), at::kDouble);
  const int64_t start = 3, end = 50, reach = 5;
  for (const bool causal : {false, true}) {
    const AttentionShape plain{kHeads, kHeads, kHeadSize, causal}, windowed{kHeads, kHeads, kHeadSize, causal, reach};
    const at::Tensor whole = reference::attention({}, qkv, windowed, layout, layout, {});
    for (int64_t row = start; row < end; ++row) {
      const int64_t first = std::max(start, row - reach), last = std::min(end - 1, row + reach);
      const PackedLayout part = make_layout({0, last - first + 1}, at::kCPU);
      const at::Tensor alone =
          reference::attention({}, qkv.narrow(0, first, last - first + 1), plain, part, part, {})[row - first];
      EXPECT_LT((whole[row] - alone).abs().max().item<double>(), 1e-14) << row;
    }
  }
}

TEST(SlidingWindow, ThatHoldsTheWholeSequenceChangesNothing) {
  for (const bool causal : {false, true}) {
    Case c;
    c.shape.causal = causal;
    const Result plain = c.run(cpu::attention, at::kFloat);
    c.shape.reach = 13;
    const Result windowed = c.run(cpu::attention, at::kFloat);
    EXPECT_TRUE(plain.out.equal(windowed.out));
    EXPECT_TRUE(plain.dqkv.equal(windowed.dqkv));
  }
}

/// The slope of sum(grad * attention) along a direction, by differences and by the tape.
TEST(SlidingWindow, HasTheGradientThatDifferencesGive) {
  for (const bool causal : {false, true}) {
    Case c;
    c.keys = longer();
    c.shape.causal = causal;
    c.shape.reach = 3;
    for_every_mask(c, 0.7, [](const Case& masked) {
      // DropAttention's gradient is not that of its value, on purpose.
      if (masked.rows == Rows::kPicked || (masked.dropout.weights_keep.defined() && !masked.dropout.grad_through_norm))
        return;
      const at::Tensor qkv = at::randn({87, 3 * kWidth}, at::kDouble), direction = at::randn_like(qkv);
      const at::Tensor grad = at::randn({87, kWidth}, at::kDouble);
      const auto value = [&](const at::Tensor& at_qkv) {
        return reference::attention({}, at_qkv, masked.shape, masked.keys, masked.keys, masked.dropout).mul(grad).sum();
      };
      const at::Tensor leaf = qkv.clone().set_requires_grad(true);
      value(leaf).backward();
      constexpr double kStep = 1e-5;
      const at::Tensor slope = (value(qkv + kStep * direction) - value(qkv - kStep * direction)) / (2 * kStep);
      // The third derivative times a step of 1e-5 squared, and rounding of sums of size 100 over that step.
      EXPECT_NEAR(slope.item<double>(), leaf.grad().mul(direction).sum().item<double>(), 1e-6);
    });
  }
}

TEST(CpuAttention, StaysExactWithLargeLogits) {
  Case c;
  c.dropout.logits_keep = mask(c, Pattern::kColumn, Position::kLogits, 0.4);
  const at::Tensor qkv = at::randn({24, 3 * kWidth}) * 60;
  const at::Tensor fused = cpu::attention({}, qkv, c.shape, c.keys, c.keys, c.dropout);
  const at::Tensor plain = reference::attention({}, qkv.to(at::kDouble), c.shape, c.keys, c.keys, c.dropout);
  EXPECT_LT((fused.to(at::kDouble) - plain).abs().max().item<double>() / plain.abs().max().item<double>(), 1e-4);
}

TEST(CpuAttention, AnExampleDoesNotDependOnItsBatch) {
  Case c;
  const at::Tensor qkv = at::randn({24, 3 * kWidth});
  const at::Tensor together = cpu::attention({}, qkv, c.shape, c.keys, c.keys, {});
  const PackedLayout alone = make_layout({0, 13}, at::kCPU);
  EXPECT_TRUE(cpu::attention({}, qkv.narrow(0, 8, 13), c.shape, alone, alone, {}).equal(together.narrow(0, 8, 13)));
}

TEST(DropAttention, ForwardEqualsDropKeysForTheSameMask) {
  for (const auto attend : {cpu::attention, reference::attention}) {
    Case key, weight;
    key.dropout.logits_keep = mask(key, Pattern::kColumn, Position::kLogits, 0.4);
    weight.dropout.weights_keep = key.dropout.logits_keep;
    const at::ScalarType type = attend == cpu::attention ? at::kFloat : at::kDouble;
    const at::Tensor difference = (key.run(attend, type).out - weight.run(attend, type).out).abs().max();
    EXPECT_LE(difference.item<double>(), attend == cpu::attention ? 0.0 : 1e-15);
  }
}

TEST(DropAttention, GradientThroughTheNormMakesItDropKey) {
  Case key, weight;
  key.dropout.logits_keep = mask(key, Pattern::kColumn, Position::kLogits, 0.4);
  weight.dropout.weights_keep = key.dropout.logits_keep;
  weight.dropout.grad_through_norm = true;
  EXPECT_TRUE(key.run(reference::attention, at::kDouble)
                  .dqkv.allclose(weight.run(reference::attention, at::kDouble).dqkv, 1e-12));
  EXPECT_TRUE(key.run(cpu::attention, at::kFloat).dqkv.equal(weight.run(cpu::attention, at::kFloat).dqkv));
}

/// The derivative of the weight of key u by the logit of key m, read off attention itself in float64: with one query
/// q = e0 * sqrt(K), key j = g_j e0 and value j = e_u, the output is w'_u and the gradient of k is that of g.
class ClosedForms : public ::testing::Test {
 protected:
  static constexpr int64_t kKeys = 4, kSize = 4;
  at::Tensor logits = at::tensor({0.3, -0.7, 1.1, 0.2}, at::kDouble);
  at::Tensor keep = at::tensor({1, 0, 1, 1}, at::kInt).to(at::kBool).view({1, kKeys});

  std::pair<double, at::Tensor> weight_and_gradient(int64_t unit, const AttentionDropout& dropout) const {
    at::Tensor qkv = at::zeros({kKeys, 3 * kSize}, at::kDouble);
    qkv.select(1, 0).fill_(std::sqrt(static_cast<double>(kSize)));
    qkv.select(1, kSize).copy_(logits);
    qkv[unit][2 * kSize] = 1;
    qkv.set_requires_grad(true);
    const PackedLayout layout = make_layout({0, kKeys}, at::kCPU);
    const at::Tensor out = reference::attention({}, qkv, {1, 1, kSize, false}, layout, layout, dropout);
    out[0][0].backward();
    return {out[0][0].item<double>(), qkv.grad().select(1, kSize).clone()};
  }
};

TEST_F(ClosedForms, DropKey) {
  AttentionDropout dropout;
  dropout.logits_keep = keep;
  const auto [weight, gradient] = weight_and_gradient(2, dropout);
  EXPECT_NEAR(gradient[2].item<double>(), weight * (1 - weight), 1e-14);
  EXPECT_EQ(gradient[1].item<double>(), 0.0);
}

TEST_F(ClosedForms, DropAttention) {
  AttentionDropout dropout;
  dropout.weights_keep = keep;
  const auto [weight, gradient] = weight_and_gradient(2, dropout);
  const at::Tensor plain = logits.softmax(0);
  EXPECT_NEAR(gradient[2].item<double>(), weight * (1 - plain[2].item<double>()), 1e-14);
  EXPECT_NEAR(gradient[1].item<double>(), -weight * plain[1].item<double>(), 1e-14);
  EXPECT_NE(gradient[1].item<double>(), 0.0);
}

TEST_F(ClosedForms, DropKeysGradientIsTheSmallerByTheirRatio) {
  AttentionDropout key, weights;
  key.logits_keep = keep;
  weights.weights_keep = keep;
  const auto [weight, key_gradient] = weight_and_gradient(2, key);
  const at::Tensor other = weight_and_gradient(2, weights).second;
  const double ratio = (key_gradient[2] / other[2]).item<double>();
  EXPECT_NEAR(ratio, (1 - weight) / (1 - logits.softmax(0)[2].item<double>()), 1e-14);
  EXPECT_LT(ratio, 1);
}

}  // namespace
}  // namespace hiddenkey
