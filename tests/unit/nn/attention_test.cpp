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
    const at::Tensor qkv = at::randn({24, width()}, generator, at::kFloat).to(type).set_requires_grad(true);
    const at::Tensor grad = at::randn({24, kWidth}, generator, at::kFloat).to(type);
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

// float32 sums of at most 21 products of size 1 against the same in float64.
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
  return attention_keep({&plan, &c.keys, {Draw{9}}}, Site{rate, pattern}, position, 0, kHeads, c.shape.causal);
}

class CpuAttentionHeads : public testing::TestWithParam<int64_t> {};
INSTANTIATE_TEST_SUITE_P(OfKeys, CpuAttentionHeads, testing::Values(kHeads, 1));

TEST_P(CpuAttentionHeads, EqualsThePlainFormulaForEveryMask) {
  for (const bool causal : {false, true}) {
    for (const int logits : {-1, 0, 1, 2}) {
      for (const int weights : {-1, 0, 1, 2}) {
        for (const Rows rows : {Rows::kAll, Rows::kPicked}) {
          if (causal && rows == Rows::kPicked) continue;  // a causal model is asked for its last rows
          for (const bool through : {false, true}) {
            Case c;
            c.shape.kv_heads = GetParam();
            c.shape.causal = causal;
            c.rows = rows;
            c.dropout.grad_through_norm = through;
            if (logits >= 0) c.dropout.logits_keep = mask(c, static_cast<Pattern>(logits), Position::kLogits, 0.4);
            if (weights >= 0) c.dropout.weights_keep = mask(c, static_cast<Pattern>(weights), Position::kWeights, 0.4);
            SCOPED_TRACE(testing::Message() << causal << logits << weights << static_cast<int>(rows) << through);
            expect_fused_equals_plain(c);
          }
        }
      }
    }
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
