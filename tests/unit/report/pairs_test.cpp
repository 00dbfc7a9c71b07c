#include "report/pairs.h"

#include <gmock/gmock.h>

#include "report/statistics.h"

namespace hiddenkey {
namespace {

TEST(Pairs, AreThoseOfEachTwoCellsBySeedsThatBothHave) {
  const PairwiseTests tests = pairwise_tests(
      {{{{1, 0}, 0.5}, {{2, 0}, 0.75}, {{3, 0}, 0.5}}, {{{1, 0}, 0.25}, {{3, 0}, 0.625}}, {{{9, 0}, 1.0}}}, 0);
  ASSERT_EQ(tests.difference.size(), 3U);
  EXPECT_EQ(tests.difference[0], 0.0625);
  EXPECT_EQ(tests.t[0], paired_t({0.25, -0.125})->p);
  EXPECT_EQ(tests.rank[0], signed_rank_p({0.25, -0.125}));
  EXPECT_FALSE(tests.difference[1] || tests.t[1] || tests.rank[1] || tests.t_holm[1]);
}

TEST(Pairs, AreCorrectedOverAllOfThem) {
  const std::vector<CellValues> cells = {{{{1, 0}, 0.1}, {{2, 0}, 0.2}, {{3, 0}, 0.3}},
                                         {{{1, 0}, 0.3}, {{2, 0}, 0.41}, {{3, 0}, 0.5}},
                                         {{{1, 0}, 0.9}, {{2, 0}, 0.7}, {{3, 0}, 0.8}}};
  const PairwiseTests tests = pairwise_tests(cells, 0);
  EXPECT_EQ(tests.t_holm, holm(tests.t));
  EXPECT_EQ(tests.rank_holm, holm(tests.rank));
  EXPECT_GT(*tests.t_holm[0], *tests.t[0]);
}

TEST(Pairs, OfFoldsAllowForTheExamplesTheyShareAndHaveNoRankTest) {
  const PairwiseTests tests = pairwise_tests({{{{1, 1}, 0.5}, {{1, 2}, 0.75}}, {{{1, 1}, 0.25}, {{1, 2}, 0.625}}}, 1.0);
  EXPECT_EQ(tests.t[0], paired_t({0.25, 0.125}, 1.0)->p);
  EXPECT_GT(*tests.t[0], paired_t({0.25, 0.125})->p);
  EXPECT_FALSE(tests.rank[0]);
}

}  // namespace
}  // namespace hiddenkey
