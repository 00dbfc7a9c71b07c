#include <gtest/gtest.h>

#include <cmath>

#include "report/statistics.h"
#include "report/swaps.h"
#include "score/glue_metrics.h"

namespace hiddenkey {
namespace {

// Sums of powers of two are exact.
constexpr double kExact = 1e-15;
// Sums in another order.
constexpr double kRounding = 1e-12;

std::shared_ptr<const RunPredictions> run(const std::vector<double>& labels, const std::vector<double>& answers) {
  auto made = std::make_shared<RunPredictions>();
  made->labels = labels;
  made->answers = answers;
  return made;
}

/// One pair of runs; examples of a second pair are others.
PairedRuns two_pairs(const std::vector<double>& labels, const std::vector<double>& here,
                     const std::vector<double>& there) {
  PairedRuns runs;
  runs.pairs.push_back({run(labels, here), run(labels, there), 0});
  runs.pairs.push_back({run(labels, there), run(labels, there), labels.size()});
  runs.examples = 2 * labels.size();
  return runs;
}

TEST(SignFlip, IsTheShareOfSignsWhoseSumIsAsFar) {
  // Of the eight sums of 1, 2 and 4 with signs, 7 and -7 are as far as 7, and -7, -5, 5 and 7 as far as 5.
  EXPECT_NEAR(sign_flip_p({1, 2, 4}), 0.25, kExact);
  EXPECT_NEAR(sign_flip_p({-1, 2, 4}), 0.5, kExact);
  EXPECT_NEAR(sign_flip_p({0, -1, 0, 2, 4, 0}), 0.5, kExact);
}

TEST(SignFlip, IsOneWhereNothingDiffersOrTheSumIsZero) {
  EXPECT_EQ(sign_flip_p({}), 1);
  EXPECT_EQ(sign_flip_p({0, 0}), 1);
  EXPECT_EQ(sign_flip_p({3, -3}), 1);
}

TEST(SignFlip, KeepsItsDigitsWhereManyDiffer) {
  std::vector<int64_t> differences(2000, 1);
  std::fill(differences.begin(), differences.begin() + 1100, -1);
  // scipy.stats.binomtest(900, 2000).pvalue, to as many digits as both have.
  EXPECT_NEAR(sign_flip_p(differences) / 8.45708953550381e-06, 1, 1e-9);
}

TEST(Swaps, ObserveTheDifferenceOfTheMeans) {
  const std::vector<double> labels = {0, 1, 1, 0, 1, 2}, here = {0, 1, 2, 0, 1, 2}, there = {1, 1, 0, 0, 2, 2};
  const PairedRuns runs = two_pairs(labels, here, there);
  const std::vector<int> classes = {0, 1, 1, 0, 1, 2}, of_here = {0, 1, 2, 0, 1, 2}, of_there = {1, 1, 0, 0, 2, 2};
  EXPECT_NEAR(swap_classes(runs, "f1", 3).observed, (macro_f1(of_here, classes) - macro_f1(of_there, classes)) / 2,
              kRounding);
  EXPECT_NEAR(swap_classes(runs, "matthews", 3).observed,
              (matthews(of_here, classes) - matthews(of_there, classes)) / 2, kRounding);
  for (const char* metric : {"pearson", "mse"})
    EXPECT_NEAR(swap_scores(runs, metric).observed,
                (score_metric(metric, here, labels) - score_metric(metric, there, labels)) / 2, kRounding);
  EXPECT_NEAR(swap_ranks(runs).observed, (spearman(here, labels) - spearman(there, labels)) / 2, kRounding);
}

TEST(Swaps, AreAsOftenOneWayAsTheOther) {
  const std::vector<double> labels = {0, 1, 2, 3, 4, 5}, here = {0, 1, 2, 3, 4, 6}, there = {3, 1, 2, 0, 4, 6};
  for (const Swaps& swaps :
       {swap_scores(two_pairs(labels, here, there), "mse"), swap_ranks(two_pairs(labels, here, there))}) {
    double sum = 0, most = 0;
    for (const double drawn : swaps.drawn) {
      sum += drawn;
      most = std::max(most, std::abs(drawn));
    }
    // Four standard deviations of a mean of so many draws.
    EXPECT_NEAR(sum / static_cast<double>(swaps.drawn.size()), 0, 4 * most / std::sqrt(swaps.drawn.size()));
    EXPECT_GT(most, 0);
  }
}

TEST(Swaps, CountWhatIsAsFarOnEitherSideAndWhatHasNoValue) {
  const Swaps swaps{-0.5, {0.5, -0.5 + 1e-16, 0.4, -0.6, NAN, 0, 0.1, 0.2, 0.3}};
  EXPECT_NEAR(two_sided_p(swaps), 0.5, kExact);
}

TEST(Swaps, AreTheSameEachTime) {
  const std::vector<double> labels = {0, 1, 1, 0, 1, 1}, here = {0, 1, 1, 0, 1, 0}, there = {1, 1, 0, 0, 0, 1};
  EXPECT_EQ(swap_classes(two_pairs(labels, here, there), "matthews", 2).drawn,
            swap_classes(two_pairs(labels, here, there), "matthews", 2).drawn);
}

}  // namespace
}  // namespace hiddenkey
