#include <gmock/gmock.h>

#include "score/class_ranking.h"
#include "score/class_tally.h"
#include "unit/score/class_goldens.h"

namespace hiddenkey {
namespace {

using testing::ElementsAre;

struct ClassCase {
  explicit ClassCase(const nlohmann::json& golden) : labels(golden.at("labels").get<std::vector<int>>()) {
    for (const auto& row : golden.at("logits").get<std::vector<std::vector<double>>>()) {
      const auto top = std::max_element(row.begin(), row.end());
      predictions.push_back(static_cast<int>(top - row.begin()));
      std::vector<double>& powers = scores.emplace_back();
      double sum = 0;
      for (const double logit : row) sum += powers.emplace_back(std::exp(logit - *top));
      for (double& power : powers) power /= sum;
    }
    for (std::size_t i = 0; i < scores.front().size(); ++i) names.push_back(std::to_string(i));
  }

  std::vector<int> labels, predictions;
  std::vector<std::vector<double>> scores;
  std::vector<std::string> names;
};

TEST(ClassMetrics, EqualScikitLearnWhateverClassesAreAbsent) {
  for (const nlohmann::json& golden : class_goldens("classes")) {
    const ClassCase given(golden);
    const ClassTally tally(given.predictions, given.labels, given.names.size());
    for (const std::string& name : class_metric_names())
      expect_metric(class_metric(name, tally, given.names.size()), golden.at("metrics").at(name), name);
    for (const std::string& name : class_ranking_names())
      expect_metric(class_ranking(name, given.scores, given.labels), golden.at("metrics").at(name), name);
  }
}

TEST(ClassMetrics, ANameThatAnotherOneBeginsWithIsNoMetric) {
  EXPECT_TRUE(is_class_metric("f1_weighted"));
  EXPECT_FALSE(is_class_metric("f1_"));
  EXPECT_FALSE(is_class_metric("f1_samples"));
  EXPECT_FALSE(is_class_metric("matthews_macro"));
  EXPECT_FALSE(is_class_metric("roc_auc"));
}

TEST(ClassReport, EqualsScikitLearns) {
  for (const nlohmann::json& golden : class_goldens("classes")) {
    const ClassCase given(golden);
    const ClassReport report = class_report(given.names, given.predictions, given.labels);
    expect_rows(report.rows, golden.at("rows"));
    expect_averages(report.averages, golden.at("metrics"));
    for (std::size_t label = 0; label < given.names.size(); ++label) {
      std::vector<int64_t> row(given.names.size(), 0);
      for (const auto& [prediction, count] : report.confusion[label]) row[prediction] = count;
      EXPECT_EQ(nlohmann::json(row), golden.at("confusion")[label]);
    }
    expect_metric(report.baseline.accuracy, golden.at("baseline"), "baseline");
  }
}

TEST(ClassReport, TheBaselineNamesTheCommonestClassOfWhatIsMeasured) {
  const Baseline baseline = class_report({"a", "b", "c"}, {0, 0, 0, 0, 0}, {1, 2, 2, 1, 0}).baseline;
  EXPECT_EQ(baseline.answer, "b");  // the first of two that are as common
  EXPECT_EQ(baseline.accuracy, 0.4);
}

TEST(ClassRanking, ANanIsNoScoreAndInfinityIsOne) {
  const double nan = std::nan(""), infinity = INFINITY;
  EXPECT_TRUE(std::isnan(class_ranking("roc_auc", {{1, nan}, {1, 2}}, {0, 1})));
  EXPECT_TRUE(std::isnan(class_ranking("average_precision", {{1, nan}, {1, 2}}, {0, 1})));
  EXPECT_EQ(class_ranking("roc_auc", {{1, -infinity}, {1, infinity}}, {0, 1}), 1);
}

TEST(ClassRanking, EqualScoresCountHalf) {
  EXPECT_EQ(class_ranking("roc_auc", {{0, 1}, {0, 1}, {0, 1}, {0, 1}}, {0, 1, 1, 0}), 0.5);
}

TEST(AveragedMetrics, AreAllOfThreeMeasuresAndThreeAverages) {
  EXPECT_THAT(averaged_metric_names(),
              ElementsAre("precision_micro", "recall_micro", "f1_micro", "precision_macro", "recall_macro", "f1_macro",
                          "precision_weighted", "recall_weighted", "f1_weighted"));
}

}  // namespace
}  // namespace hiddenkey
