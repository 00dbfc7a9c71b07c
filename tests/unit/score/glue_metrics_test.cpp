#include "score/glue_metrics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace hiddenkey {
namespace {

// Made by scripts/make_metric_goldens.py with scikit-learn 1.9.1 and scipy 1.17.1. Both sides are float64.
constexpr double kExact = 1e-12;

const std::vector<int> kLabels = {0, 1, 1, 2, 0, 1, 2, 2, 1, 0, 0, 1}, kGuesses = {0, 1, 0, 2, 0, 2, 2, 1, 1, 0, 1, 1};
const std::vector<int> kBinary = {0, 1, 1, 1, 0, 1, 0, 0, 1, 0}, kBinaryGuesses = {0, 1, 0, 1, 0, 1, 1, 0, 1, 1};
const std::vector<double> kX = {0.5, 2.25, 2.25, 3.75, 1.0, 4.5, 0.0, 2.25},
                          kY = {0.75, 2.0, 2.5, 3.0, 1.5, 5.0, 0.25, 3.0};

TEST(GlueMetrics, EqualScikitLearnOnThreeClasses) {
  EXPECT_NEAR(accuracy(kGuesses, kLabels), 0.6666666666666666, kExact);
  EXPECT_NEAR(macro_f1(kGuesses, kLabels), 0.6722222222222222, kExact);
  EXPECT_NEAR(matthews(kGuesses, kLabels), 0.48936170212765956, kExact);
}

TEST(GlueMetrics, EqualScikitLearnOnTwoClasses) {
  EXPECT_NEAR(f1(kBinaryGuesses, kBinary), 0.7272727272727273, kExact);
  EXPECT_NEAR(matthews(kBinaryGuesses, kBinary), 0.408248290463863, kExact);
}

TEST(GlueMetrics, EqualScipyWithTies) {
  EXPECT_NEAR(pearson(kX, kY), 0.951268705220933, kExact);
  EXPECT_NEAR(spearman(kX, kY), 0.9572173526639411, kExact);
  EXPECT_NEAR(mean_squared_error(kX, kY), 0.234375, kExact);
}

TEST(GlueMetrics, DegenerateCasesAreTheReferences) {
  const std::vector<int> zeros(4, 0), ones(4, 1), mixed = {0, 1, 0, 1};
  EXPECT_EQ(matthews(zeros, mixed), 0);
  EXPECT_EQ(f1(zeros, zeros), 0);
  EXPECT_EQ(matthews(ones, ones), 0);
  EXPECT_TRUE(std::isnan(pearson({1, 1, 1}, {1, 2, 3})));
}

TEST(GlueMetrics, AConstantHasNoCorrelationWhateverItsRounding) {
  // Three times 0.1 has a mean that is not 0.1.
  EXPECT_TRUE(std::isnan(pearson({0.1, 0.1, 0.1}, {1, 2, 3})));
  EXPECT_TRUE(std::isnan(spearman({2, 2, 2, 2}, {1, 2, 3, 4})));
}

TEST(GlueMetrics, ANanGivesANanAndInfinityHasARank) {
  const double nan = std::nan(""), infinity = INFINITY;
  EXPECT_TRUE(std::isnan(pearson({1, nan, 3}, {1, 2, 3})));
  EXPECT_TRUE(std::isnan(spearman({1, nan, 3}, {1, 2, 3})));
  EXPECT_NEAR(spearman({1, infinity, 3, 0}, {1, 2, 3, 4}), -0.4, kExact);
}

TEST(GlueMetrics, MacroF1IsOverTheClassesThatOccur) {
  EXPECT_NEAR(macro_f1({0, 0, 1, 3}, {0, 0, 1, 1}), 0.5555555555555555, kExact);
}

TEST(GlueMetrics, AreThoseThatAreAskedForInTheirOrder) {
  const MetricValues results = compute_metrics({"f1", "accuracy"}, {{1, 0, 0}, {0, 2, 1}, {0, 2, 1}}, {0, 1, 2});
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].first, "f1");
  EXPECT_NEAR(results[0].second, (1 + 2.0 / 3 + 0) / 3, kExact);
  EXPECT_NEAR(results[1].second, 2.0 / 3, kExact);
}

}  // namespace
}  // namespace hiddenkey
