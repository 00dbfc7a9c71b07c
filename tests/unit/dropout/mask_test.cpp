#include "dropout/mask.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hiddenkey {
namespace {

const std::vector<int64_t> kOffsets = {0, 5, 6, 18};

DropoutScope scope_of(const DropoutPlan& plan, const PackedLayout& layout, std::vector<std::optional<Draw>> passes) {
  return {&plan, &layout, std::move(passes)};
}

AttentionShape shape_of(int64_t heads, bool causal, int64_t reach = 0) { return {heads, heads, 8, causal, reach}; }

class Masks : public ::testing::Test {
 protected:
  PackedLayout layout = make_layout(kOffsets, at::kCPU);
  DropoutPlan plan;
  Draw draw{42, 3, 1, 0};
};

TEST_F(Masks, AddressDecidesTheMask) {
  const DropoutScope scope = scope_of(plan, layout, {draw});
  const Site site{0.5, Pattern::kColumn};
  const auto keep = [&](const DropoutScope& from, int64_t layer, Position position) {
    return attention_keep({from, layer}, {position}, site, shape_of(12, true));
  };
  const at::Tensor first = keep(scope, 0, Position::kLogits);
  EXPECT_TRUE(first.equal(keep(scope, 0, Position::kLogits)));
  EXPECT_FALSE(first.equal(keep(scope, 1, Position::kLogits)));
  EXPECT_FALSE(first.equal(keep(scope, 0, Position::kWeights)));
  for (const Draw other : {Draw{43, 3, 1, 0}, Draw{42, 4, 1, 0}, Draw{42, 3, 2, 0}, Draw{42, 3, 1, 1}}) {
    EXPECT_FALSE(first.equal(keep(scope_of(plan, layout, {other}), 0, Position::kLogits)));
  }
}

// These numbers are part of every run that was ever made: they stay.
TEST_F(Masks, AddressesOfPositionsAndAdaptersStayWhatTheyAre) {
  EXPECT_EQ(MaskAddress{Position::kLogits}.value(), 0);
  EXPECT_EQ(MaskAddress{Position::kWeights}.value(), 1);
  EXPECT_EQ(MaskAddress{Position::kHidden}.value(), 2);
  EXPECT_EQ(MaskAddress{Position::kInput}.value(), 3);
  EXPECT_EQ(MaskAddress{Position::kOutput}.value(), 4);
  EXPECT_EQ(MaskAddress{Position::kPretrainedEmbedding}.value(), 5);
  EXPECT_EQ(MaskAddress{Position::kPretrainedHeadOutput}.value(), 10);
  EXPECT_EQ((MaskAddress{Position::kLoraInput, 3}.value()), 19);
}

TEST_F(Masks, NoQueryLosesEveryKey) {
  for (const Pattern pattern : {Pattern::kElement, Pattern::kColumn, Pattern::kSpan}) {
    for (const bool causal : {false, true}) {
      const at::Tensor keep = attention_keep({scope_of(plan, layout, {draw})}, {Position::kLogits},
                                             Site{0.999, pattern}, shape_of(4, causal));
      for (int64_t b = 0; b < 3; ++b) {
        const int64_t length = kOffsets[b + 1] - kOffsets[b];
        if (pattern == Pattern::kElement) {
          at::Tensor seen = keep[b].narrow(1, 0, length).narrow(2, 0, length);
          if (causal) seen = seen.tril();
          EXPECT_TRUE(seen.any(-1).all().item<bool>());
        } else if (!causal) {  // in causal attention the caller shows each query its own key
          EXPECT_TRUE(keep.narrow(1, kOffsets[b], length).any(-1).all().item<bool>());
        }
      }
    }
  }
}

TEST_F(Masks, NoQueryLosesEveryElementWithinItsReach) {
  for (const bool causal : {false, true}) {
    const at::Tensor keep = attention_keep({scope_of(plan, layout, {draw})}, {Position::kLogits},
                                           Site{0.8, Pattern::kElement}, shape_of(16, causal, 2));
    for (int64_t b = 0; b < 3; ++b) {
      const int64_t length = kOffsets[b + 1] - kOffsets[b];
      const at::Tensor seen = keep[b].narrow(1, 0, length).narrow(2, 0, length).triu(-2).tril(causal ? 0 : 2);
      EXPECT_TRUE(seen.any(-1).all().item<bool>());
      if (length > 1) {
        EXPECT_FALSE(seen.diagonal(0, -2, -1).all().item<bool>()) << "only who lost everything gets its own key";
      }
    }
  }
}

TEST_F(Masks, OfWholeKeysArePureDrawsWhereThereIsAReach) {
  for (const Pattern pattern : {Pattern::kColumn, Pattern::kSpan}) {
    const auto keep = [&](const AttentionShape& shape) {
      return attention_keep({scope_of(plan, layout, {draw})}, {Position::kLogits}, Site{0.9, pattern}, shape);
    };
    EXPECT_TRUE(keep(shape_of(4, false, 2)).equal(keep(shape_of(4, true)))) << "a causal model's are pure draws too";
  }
}

TEST_F(Masks, SpansAreOneRunOfTheRightLength) {
  const double rate = 0.3;
  const at::Tensor keep_HN = attention_keep({scope_of(plan, layout, {draw})}, {Position::kLogits},
                                            Site{rate, Pattern::kSpan}, shape_of(64, true));
  for (int64_t h = 0; h < 64; ++h) {
    for (int64_t b = 0; b < 3; ++b) {
      const int64_t length = kOffsets[b + 1] - kOffsets[b];
      const at::Tensor dropped = keep_HN[h].narrow(0, kOffsets[b], length).logical_not().nonzero().flatten();
      EXPECT_EQ(dropped.numel(), std::max<int64_t>(1, std::llround(rate * static_cast<double>(length))));
      EXPECT_EQ((dropped.max() - dropped.min()).item<int64_t>(), dropped.numel() - 1);
    }
  }
}

TEST_F(Masks, SpansStartEverywhere) {
  const PackedLayout one = make_layout({0, 10}, at::kCPU);
  const at::Tensor keep_HN = attention_keep({scope_of(plan, one, {draw})}, {Position::kLogits},
                                            Site{0.3, Pattern::kSpan}, shape_of(8000, true));
  const at::Tensor start = keep_HN.logical_not().to(at::kInt).argmax(1);
  const at::Tensor counts = start.bincount({}, 8).to(at::kDouble);
  ASSERT_EQ(counts.numel(), 8);
  EXPECT_LT((counts - 1000).abs().max().item<double>(), 5 * std::sqrt(1000.0));
}

TEST_F(Masks, ColumnsOfHiddenUnitsAreSharedByTheTokensOfASequence) {
  const at::Tensor y = drop_units(at::ones({18, 40}), {scope_of(plan, layout, {draw})}, {Position::kHidden},
                                  Site{0.4, Pattern::kColumn});
  for (int64_t b = 0; b < 3; ++b) {
    const at::Tensor rows = y.narrow(0, kOffsets[b], kOffsets[b + 1] - kOffsets[b]);
    EXPECT_TRUE(rows.equal(rows[0].expand_as(rows)));
  }
  EXPECT_FALSE(y[0].equal(y[6]));
  EXPECT_TRUE(y.masked_select(y.ne(0)).allclose(at::full({1}, 1 / 0.6)));
}

TEST_F(Masks, FirstRowsGetTheMaskOfTheirRows) {
  const DropoutScope scope = scope_of(plan, layout, {draw});
  const at::Tensor x = at::rand({18, 33});
  for (const Pattern pattern : {Pattern::kElement, Pattern::kColumn, Pattern::kSpan}) {
    const at::Tensor all = drop_units(x, {scope}, {Position::kHidden}, Site{0.5, pattern});
    const at::Tensor first = drop_units(x.index_select(0, layout.first_B), {scope, 0, Rows::kPicked},
                                        {Position::kHidden}, Site{0.5, pattern});
    EXPECT_TRUE(first.equal(all.index_select(0, layout.first_B)));
  }
}

TEST_F(Masks, ElementsAreTheSameInEveryType) {
  const DropoutScope scope = scope_of(plan, layout, {draw});
  const at::Tensor x = at::rand({18, 33});
  const Site site{0.5, Pattern::kElement};
  const at::Tensor fused = drop_units(x, {scope}, {Position::kHidden}, site);
  EXPECT_TRUE(fused.to(at::kDouble).allclose(drop_units(x.to(at::kDouble), {scope}, {Position::kHidden}, site)));
}

TEST_F(Masks, BackwardUsesTheMaskOfForward) {
  const at::Tensor x = at::rand({18, 33}).set_requires_grad(true);
  const at::Tensor y =
      drop_units(x, {scope_of(plan, layout, {draw})}, {Position::kHidden}, Site{0.5, Pattern::kElement});
  y.sum().backward();
  EXPECT_TRUE((x.detach() * x.grad()).allclose(y));
}

TEST_F(Masks, StackedPassesDrawAsTheyDoAlone) {
  Draw second = draw;
  second.pass = 1;
  const at::Tensor x = at::rand({18, 24});
  for (const Pattern pattern : {Pattern::kElement, Pattern::kColumn, Pattern::kSpan}) {
    const Site site{0.5, pattern};
    const auto drop = [&](const at::Tensor& rows, std::vector<std::optional<Draw>> passes) {
      return drop_units(rows, {scope_of(plan, layout, std::move(passes))}, {Position::kHidden}, site);
    };
    EXPECT_TRUE(drop(at::cat({x, x}), {draw, second}).allclose(at::cat({drop(x, {draw}), drop(x, {second})})));
    EXPECT_TRUE(drop(at::cat({x, x}), {draw, std::nullopt}).allclose(at::cat({drop(x, {draw}), x})));
  }
}

TEST_F(Masks, MeanIsKept) {
  const PackedLayout large = make_layout({0, 500, 1000}, at::kCPU);
  const at::Tensor ones = at::ones({1000, 1000});
  for (const Pattern pattern : {Pattern::kElement, Pattern::kColumn}) {
    const at::Tensor y = drop_units(ones, {scope_of(plan, large, {draw})}, {Position::kHidden}, Site{0.1, pattern});
    EXPECT_NEAR(y.mean().item<double>(), 1.0, pattern == Pattern::kElement ? 0.002 : 0.05);
  }
}

}  // namespace
}  // namespace hiddenkey
