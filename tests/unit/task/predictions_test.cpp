#include "task/predictions.h"

#include <gtest/gtest.h>

#include <limits>

#include "score/class_ranking.h"
#include "task/task.h"

namespace hiddenkey {
namespace {

Dataset dataset(const std::vector<std::string>& ids) {
  Dataset data;
  for (const std::string& id : ids) data.examples.push_back({id, {}, {}, std::nullopt});
  return data;
}

TaskInfo classification() {
  TaskInfo info;
  info.labels = {"no", "yes"};
  return info;
}

TaskInfo regression() {
  TaskInfo info;
  info.kind = TaskKind::kRegression;
  return info;
}

std::string predicted(const TaskInfo& info, const Dataset& data, const Logits& logits, PredictionFormat format) {
  return format_predictions(make_task(info)->predictions(data, logits), format);
}

TEST(Probabilities, OfLargeLogitsDoNotOverflow) {
  EXPECT_EQ(probabilities({1000, 1000}), (std::vector<double>{0.5, 0.5}));
}

TEST(PredictionFile, TsvHasOneLineARowWhateverIsInTheId) {
  EXPECT_EQ(predicted(classification(), dataset({"a\tb\n", "2"}), {{0, 0}, {-1000, 0}}, PredictionFormat::kTsv),
            "id\tlabel\tscores\tlogits\n"
            "a b \tno\t[0.5, 0.5]\t[0, 0]\n"
            "2\tyes\t[0, 1]\t[-1000, 0]\n");
}

TEST(PredictionFile, JsonlHoldsScoresByLabelAndLogitsInLabelOrder) {
  EXPECT_EQ(predicted(classification(), dataset({"q\"1"}), {{2, 2}}, PredictionFormat::kJsonl),
            "{\"id\": \"q\\\"1\", \"label\": \"no\", \"scores\": {\"no\": 0.5, \"yes\": 0.5}, \"logits\": [2, 2]}\n");
}

TEST(PredictionFile, CsvHasAColumnOfScoresForEachClass) {
  EXPECT_EQ(predicted(classification(), dataset({"a,\"b\"", "2"}), {{0, 0}, {-1000, 0}}, PredictionFormat::kCsv),
            "id,label,score_no,score_yes\n\"a,\"\"b\"\"\",no,0.5,0.5\n2,yes,0,1\n");
  EXPECT_EQ(predicted(regression(), dataset({"1"}), {{2.5F}}, PredictionFormat::kCsv), "id,label\n1,2.5\n");
}

TEST(PredictionFile, IsNamedByItsEnding) {
  EXPECT_EQ(prediction_format("x.csv", LabelForm::kName), PredictionFormat::kCsv);
  EXPECT_EQ(prediction_format("x.json", LabelForm::kName), PredictionFormat::kJsonl);
  EXPECT_EQ(prediction_format("-", LabelForm::kName), PredictionFormat::kTsv);
}

TEST(PredictionFile, JsonlHasNullForAScoreThatIsNoNumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(predicted(regression(), dataset({"1", "2"}), {{nan}, {1.5F}}, PredictionFormat::kJsonl),
            "{\"id\": \"1\", \"label\": null, \"scores\": [null], \"logits\": [null]}\n"
            "{\"id\": \"2\", \"label\": 1.5, \"scores\": [1.5], \"logits\": [1.5]}\n");
}

TEST(PredictionFile, LeaderboardScoresStayWithinZeroAndFive) {
  EXPECT_EQ(predicted(regression(), dataset({"0", "1", "2"}), {{-0.25F}, {2.5F}, {7}}, PredictionFormat::kGlue),
            "index\tprediction\n0\t0.000\n1\t2.500\n2\t5.000\n");
  EXPECT_EQ(predicted(classification(), dataset({"4"}), {{1, 2}}, PredictionFormat::kGlue),
            "index\tprediction\n4\tyes\n");
}

}  // namespace
}  // namespace hiddenkey
