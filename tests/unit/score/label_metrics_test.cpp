#include "score/label_tally.h"
#include "unit/score/class_goldens.h"

namespace hiddenkey {
namespace {

struct LabelCase {
  explicit LabelCase(const nlohmann::json& golden)
      : labels(golden.at("labels").get<LabelMatrix>()),
        scores(golden.at("logits").get<std::vector<std::vector<double>>>()),
        predictions(predicted_labels(golden.at("logits").get<std::vector<std::vector<float>>>())) {
    for (std::size_t i = 0; i < labels.front().size(); ++i) names.push_back(std::to_string(i));
  }

  LabelMatrix labels;
  std::vector<std::vector<double>> scores;
  LabelMatrix predictions;
  std::vector<std::string> names;
};

TEST(LabelMetrics, EqualScikitLearnWhateverLabelsAreOnNoExample) {
  for (const nlohmann::json& golden : class_goldens("labels")) {
    const LabelCase given(golden);
    const LabelTally tally(given.predictions, given.labels);
    for (const std::string& name : label_metric_names())
      expect_metric(label_metric(name, tally), golden.at("metrics").at(name), name);
    for (const std::string& name : label_ranking_names())
      expect_metric(label_ranking(name, given.scores, given.labels), golden.at("metrics").at(name), name);
  }
}

TEST(LabelMetrics, ALogitOfZeroPredictsNothing) {
  EXPECT_EQ(predicted_labels({{0.0F, -0.0F, 1e-30F, -1.0F, NAN}}), (LabelMatrix{{0, 0, 1, 0, 0}}));
}

TEST(LabelTally, AnExampleThatIsTakenOutAgainLeavesNothing) {
  LabelTally tally({{1, 0}, {0, 1}}, {{1, 1}, {0, 1}});
  tally.add({0, 1}, {0, 1}, -1);
  const LabelTally alone(LabelMatrix{{1, 0}}, LabelMatrix{{1, 1}});
  for (const std::string& name : label_metric_names())
    EXPECT_DOUBLE_EQ(label_metric(name, tally), label_metric(name, alone)) << name;
}

TEST(LabelReport, EqualsScikitLearns) {
  for (const nlohmann::json& golden : class_goldens("labels")) {
    const LabelCase given(golden);
    const ClassReport report = label_report(given.names, given.predictions, given.labels);
    expect_rows(report.rows, golden.at("rows"));
    expect_averages(report.averages, golden.at("metrics"));
    EXPECT_TRUE(report.confusion.empty());
    expect_metric(report.baseline.accuracy, golden.at("baseline"), "baseline");
  }
}

TEST(LabelReport, TheBaselineIsTheCommonestSetOfLabels) {
  const LabelMatrix labels = {{1, 1}, {1, 0}, {1, 1}}, nothing = {{0, 0}};
  EXPECT_EQ(label_report({"a", "b"}, labels, labels).baseline.answer, "a, b");
  EXPECT_EQ(label_report({"a", "b"}, nothing, nothing).baseline.answer, "none");
}

}  // namespace
}  // namespace hiddenkey
