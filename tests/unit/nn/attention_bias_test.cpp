#include "kernels/attention_bias.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "dropout/mask.h"

namespace hiddenkey {
namespace {

constexpr int64_t kHeads = 3;

/// Sequences of uneven lengths, none of which is a multiple of what the kernel wants.
PackedLayout uneven() { return make_layout({0, 7, 8, 21, 24}, at::kCPU); }

at::Tensor logits_keep(const PackedLayout& layout, Pattern pattern, const AttentionShape& shape, int64_t step) {
  const DropoutPlan plan;
  return attention_keep({{&plan, &layout, {Draw{9, step}}}}, {Position::kLogits}, Site{0.6, pattern}, shape);
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
        expect_as_visible(shape, layout, logits_keep(layout, pattern, shape, step), at::kBFloat16);
    }
  }
}

TEST(AlignedBias, IsMadeForTheQueriesThatAsk) {
  const PackedLayout layout = uneven();
  const AttentionShape shape{kHeads, kHeads, 8, false};
  expect_as_visible(shape, layout, {}, at::kFloat);
  const at::Tensor keep = logits_keep(layout, Pattern::kColumn, shape, 1);
  const at::Tensor bias = aligned_bias(shape, *layout.firsts, layout, keep, at::kFloat);
  EXPECT_TRUE(bias.eq(0).equal(visible_keys(shape, *layout.firsts, layout, keep)));
}

TEST(AlignedBias, OfAWindowHidesTheKeysThatNoQueryMaySee) {
  for (const bool causal : {false, true}) {
    for (const int64_t reach : {2, 100}) {
      const PackedLayout layout = uneven();
      const AttentionShape shape{kHeads, kHeads, 8, causal, reach};
      for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) expect_as_visible(shape, layout, {}, type);
      for (const Pattern pattern : {Pattern::kColumn, Pattern::kSpan, Pattern::kElement})
        expect_as_visible(shape, layout, logits_keep(layout, pattern, shape, 1), at::kBFloat16);
    }
  }
}

TEST(AlignedBias, IsKeptForEachReachOfABatch) {
  const PackedLayout layout = uneven();
  const AttentionShape global{kHeads, kHeads, 8, false}, local{kHeads, kHeads, 8, false, 2};
  for (int64_t layer = 0; layer < 6; ++layer) {
    const AttentionShape& shape = layer % 3 == 0 ? global : local;
    const at::Tensor keep = logits_keep(layout, Pattern::kColumn, shape, layer);
    expect_as_visible(shape, layout, keep, at::kFloat);
    const at::Tensor bias = aligned_bias(shape, *layout.firsts, layout, keep, at::kFloat);
    EXPECT_TRUE(bias.eq(0).equal(visible_keys(shape, *layout.firsts, layout, keep)));
  }
  EXPECT_EQ(layout.bias_frames->size(), 4) << "two reaches, for all queries and for the first ones";
}

/// The rule in words: a key is seen that is valid, within reach, not ahead of a causal query and kept by the draw;
/// where that leaves nothing, the own key is. `keep` has a row for each query.
at::Tensor seen_by_the_rule(const at::Tensor& keep, int64_t position, int64_t size, const AttentionShape& shape) {
  at::Tensor seen = at::zeros({size}, at::kBool);
  for (int64_t s = 0; s < size; ++s) {
    const bool near = std::abs(s - position) <= shape.reach && !(shape.causal && s > position);
    const bool kept = keep[s].item<bool>() || (shape.causal && s == position);
    if (near && kept) seen[s] = true;
  }
  if (!seen.any().item<bool>()) seen[position] = true;
  return seen;
}

TEST(SlidingWindow, GivesAQueryThatLostEverythingItsOwnKey) {
  const PackedLayout layout = uneven();
  const DropoutPlan plan;
  for (const bool causal : {false, true}) {
    const AttentionShape shape{kHeads, kHeads, 8, causal, 2};
    const at::Tensor keep_HN =
        attention_keep({{&plan, &layout, {Draw{3}}}}, {Position::kLogits}, Site{0.8, Pattern::kColumn}, shape);
    const std::vector<int64_t> sizes{layout.sequences(), kHeads, layout.longest, layout.longest};
    const at::Tensor logits = visible_keys(shape, layout, layout, keep_HN).expand(sizes);
    const at::Tensor all = visible_keys(shape, layout, layout, {});
    const at::Tensor weights = kept_weights(all, shape, layout, layout, keep_HN).expand(sizes);
    for (int64_t b = 0; b < layout.sequences(); ++b) {
      const int64_t size = layout.offsets[b + 1] - layout.offsets[b];
      for (int64_t h = 0; h < kHeads; ++h) {
        const at::Tensor keep = keep_HN[h].narrow(0, layout.offsets[b], size);
        for (int64_t t = 0; t < size; ++t) {
          const at::Tensor expected = seen_by_the_rule(keep, t, size, shape);
          EXPECT_TRUE(logits[b][h][t].narrow(0, 0, size).equal(expected)) << b << h << t;
          EXPECT_TRUE(weights[b][h][t].narrow(0, 0, size).equal(expected)) << b << h << t;
        }
      }
    }
  }
}

}  // namespace
}  // namespace hiddenkey
