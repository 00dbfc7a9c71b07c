#include "kernels/attention_bias.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "dropout/mask.h"

namespace hiddenkey {
namespace {

constexpr int64_t kHeads = 3;

/// Sequences of uneven lengths, none of which is a multiple of what the kernel wants.
PackedLayout uneven() { return make_layout({0, 7, 8, 21, 24}, at::kCPU); }

at::Tensor logits_keep(const PackedLayout& layout, Pattern pattern, bool causal, int64_t step) {
  const DropoutPlan plan;
  return attention_keep({&plan, &layout, {Draw{9, step}}}, Site{0.6, pattern}, Position::kLogits, 0, kHeads, causal);
}

void expect_as_visible(const AttentionShape& shape, const PackedLayout& layout, const at::Tensor& keep,
                       at::ScalarType type) {
  const std::vector<int64_t> sizes{layout.sequences(), kHeads, layout.longest, layout.longest};
  const at::Tensor visible = visible_keys(shape, layout, layout, keep).expand(sizes);
  const at::Tensor bias = aligned_bias(shape, layout, layout, keep, type);
  EXPECT_EQ(bias.scalar_type(), type);
  EXPECT_EQ(bias.stride(-1), 1);
  for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(bias.stride(i) % 16, 0) << i;
  EXPECT_TRUE(bias.expand(sizes).eq(0).equal(visible));
  // Whatever a logit is, a hidden key is left no weight.
  EXPECT_TRUE(bias.expand(sizes).to(at::kFloat).add(1000).exp().eq(0).equal(visible.bitwise_not()));
}

TEST(AlignedBias, HidesTheKeysThatNoQueryMaySee) {
  for (const bool causal : {false, true}) {
    const PackedLayout layout = uneven();
    const AttentionShape shape{kHeads, kHeads, 8, causal};
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) expect_as_visible(shape, layout, {}, type);
    for (const Pattern pattern : {Pattern::kColumn, Pattern::kSpan, Pattern::kElement}) {
      // The second mask meets what was kept of the first.
      for (const int64_t step : {1, 2})
        expect_as_visible(shape, layout, logits_keep(layout, pattern, causal, step), at::kBFloat16);
    }
  }
}

TEST(AlignedBias, IsMadeForTheQueriesThatAsk) {
  const PackedLayout layout = uneven();
  const AttentionShape shape{kHeads, kHeads, 8, false};
  expect_as_visible(shape, layout, {}, at::kFloat);
  const at::Tensor keep = logits_keep(layout, Pattern::kColumn, false, 1);
  const at::Tensor bias = aligned_bias(shape, *layout.firsts, layout, keep, at::kFloat);
  EXPECT_TRUE(bias.eq(0).equal(visible_keys(shape, *layout.firsts, layout, keep)));
}

}  // namespace
}  // namespace hiddenkey
