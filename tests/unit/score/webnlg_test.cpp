#include "score/webnlg.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "unit/score/corpora.h"

namespace hiddenkey {
namespace {

TEST(Webnlg, HasTheMetricsOfItsTables) {
  std::string names;
  for (const Metric& metric : WebnlgMetrics().of(small_corpus())) {
    names += metric.name + ";";
    EXPECT_EQ(metric.smaller_is_better, metric.name == "TER" || metric.name == "corpus TER");
  }
  EXPECT_EQ(names, "BLEU;METEOR;TER;corpus TER;chrF++;");
}

TEST(Webnlg, HasEachMetricOfEachPartThatThereIs) {
  const std::vector<Segment> segments = {{"the cat sat", {"the cat sat"}, "seen"},
                                         {"no", {"a dog ran home"}, "unseen"}};
  const std::vector<Metric> metrics = WebnlgMetrics().of(segments);
  ASSERT_EQ(metrics.size(), 15U);
  const auto value = [&](const std::string& name, std::vector<std::size_t> numbers) {
    const auto found =
        std::find_if(metrics.begin(), metrics.end(), [&](const Metric& metric) { return metric.name == name; });
    return found->over(numbers);
  };
  EXPECT_NEAR(value("chrF++-seen", {0, 1}), 100, 1e-9);
  EXPECT_NEAR(value("chrF++-unseen", {0, 1}), value("chrF++", {1}), 1e-12);
  EXPECT_TRUE(std::isnan(value("chrF++-seen", {1})));
}

}  // namespace
}  // namespace hiddenkey
