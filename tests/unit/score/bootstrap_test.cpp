#include "score/bootstrap.h"

#include <gtest/gtest.h>

#include "score/mean_metric.h"

namespace hiddenkey {
namespace {

std::vector<double> alternating(double even, double odd) {
  std::vector<double> scores;
  for (int i = 0; i < 100; ++i) scores.push_back(i % 2 == 0 ? even : odd);
  return scores;
}

TEST(PairedBootstrap, IsSureOfASystemThatIsBetterEverywhere) {
  const PairedBootstrap result =
      paired_bootstrap(mean_metric("m", alternating(0.1, 0.5)), mean_metric("m", alternating(0.3, 0.7)), 100, {});
  EXPECT_NEAR(result.difference, 0.2, 1e-12);
  EXPECT_NEAR(result.low, 0.2, 1e-12);
  EXPECT_NEAR(result.high, 0.2, 1e-12);
  EXPECT_NEAR(result.p_value, 1.0 / 1001, 1e-12);
}

TEST(PairedBootstrap, IsNeverSureOfEqualSystems) {
  const Metric metric = mean_metric("m", alternating(0, 1));
  EXPECT_EQ(paired_bootstrap(metric, metric, 100, {}).p_value, 1);
}

TEST(PairedBootstrap, HasTheSpreadOfADifferenceThatComesAndGoes) {
  // Differences of 1 and -0.8 by turns: mean 0.1, standard error 0.9 / sqrt(100).
  const Metric first = mean_metric("m", alternating(0, 1)), second = mean_metric("m", alternating(1, 0.2));
  const PairedBootstrap result = paired_bootstrap(first, second, 100, {.resamples = 20000});
  EXPECT_NEAR(result.difference, 0.1, 1e-12);
  EXPECT_NEAR(result.low, 0.1 - 1.96 * 0.09, 0.02);
  EXPECT_NEAR(result.high, 0.1 + 1.96 * 0.09, 0.02);
  // A normal variable is below 0 with a probability of 0.133; a tie counts as well.
  EXPECT_NEAR(result.p_value, 0.14, 0.03);
}

TEST(PairedBootstrap, RepeatsItselfAndFollowsItsSeed) {
  const Metric first = mean_metric("m", alternating(0, 1)), second = mean_metric("m", alternating(1, 0.2));
  const PairedBootstrap once = paired_bootstrap(first, second, 100, {}),
                        again = paired_bootstrap(first, second, 100, {});
  EXPECT_EQ(once.p_value, again.p_value);
  EXPECT_EQ(once.low, again.low);
  EXPECT_NE(once.p_value, paired_bootstrap(first, second, 100, {.seed = 1}).p_value);
}

TEST(PairedBootstrap, TakesTheSystemThatIsLowerForTheBetterOneWhereSmallerIsBetter) {
  // The test is of the sign that the whole set has, whichever of the two signs is the good one.
  const Metric first = mean_metric("TER", alternating(0.3, 0.7)), second = mean_metric("TER", alternating(0.1, 0.5));
  const PairedBootstrap result = paired_bootstrap(first, second, 100, {});
  EXPECT_NEAR(result.difference, -0.2, 1e-12);
  EXPECT_NEAR(result.p_value, 1.0 / 1001, 1e-12);
}

}  // namespace
}  // namespace hiddenkey
