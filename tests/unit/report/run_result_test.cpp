#include "report/run_result.h"

#include <gtest/gtest.h>

#include <limits>

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

RunResult some_result() {
  RunResult result;
  result.task = "rte";
  result.scheme = "hiddenkey";
  result.seed = 7;
  result.outcome = {12, "accuracy", BestResult{8, 0.75}};
  result.splits = {{"dev", {0.5, {{"accuracy", 0.7}}, {{"f1", std::numeric_limits<double>::quiet_NaN()}}}, {}}};
  result.planned_steps = 20;
  result.tokens = 345;
  result.costs = {1.23456, 279.4444, 1024};
  result.trained_parameters = 99;
  result.device = "cpu";
  result.config = {{"method", "lora"}};
  return result;
}

TEST(RunResult, IsWrittenWithItsKeysInOrder) {
  EXPECT_EQ(to_json(some_result()).dump(),
            R"({"task":"rte","scheme":"hiddenkey","seed":7,"metric":"accuracy","best":{"step":8,"accuracy":0.75},)"
            R"("final":{"dev":{"loss":0.5,"accuracy":0.7,"more":{"f1":null}}},"steps":12,"planned_steps":20,)"
            R"("stopped_early":true,"tokens":345,"training_seconds":1.235,"tokens_per_second":279.4,)"
            R"("peak_memory_bytes":1024,"trained_parameters":99,"device":"cpu","config":{"method":"lora"}})");
}

TEST(RunResult, OfAGenerationHasAPlaceForTextsEvenWhereNoneWereMade) {
  RunResult result = some_result();
  result.makes_text = true;
  EXPECT_TRUE(to_json(result).at("generation").is_null());
  result.text = {12, 3, {{"bleu", 0.25}}};
  EXPECT_EQ(to_json(result).at("generation").dump(),
            R"({"step":12,"split":"dev","prompts":3,"metrics":{"bleu":0.25}})");
}

TEST(RunResult, WithoutAnEvaluationHasNullForWhatWasNotMeasured) {
  RunResult result = some_result();
  result.outcome.best.reset();
  result.splits.clear();
  result.costs.tokens_per_second.reset();
  for (const char* key : {"best", "final", "tokens_per_second"}) EXPECT_TRUE(to_json(result).at(key).is_null()) << key;
}

TEST(RunResult, IsReadAsItWasWritten) {
  RunResult result = some_result();
  result.makes_text = true;
  result.text = {12, 3, {{"bleu", 0.25}}};
  const Json json = to_json(result);
  const std::optional<RunOutcome> outcome = outcome_in(json);
  ASSERT_TRUE(outcome && outcome->best);
  EXPECT_EQ(outcome->steps, 12);
  EXPECT_EQ(outcome->metric, "accuracy");
  EXPECT_EQ(outcome->best->step, 8);
  EXPECT_EQ(outcome->best->value, 0.75);
  const std::optional<RunCosts> costs = costs_in(json);
  ASSERT_TRUE(costs);
  EXPECT_EQ(costs->seconds, 1.235);
  EXPECT_EQ(costs->tokens_per_second, 279.4);
  EXPECT_EQ(costs->peak_memory_bytes, 1024);
  EXPECT_EQ(text_metrics_in(json), Json({{"bleu", 0.25}}));
}

TEST(RunResult, ThatIsDamagedIsNone) {
  EXPECT_FALSE(outcome_in({{"steps", 24}}));
  EXPECT_FALSE(outcome_in({{"steps", 24}, {"metric", "accuracy"}, {"best", 3}}));
  EXPECT_FALSE(costs_in({{"training_seconds", "long"}, {"tokens_per_second", 1}, {"peak_memory_bytes", 1}}));
  EXPECT_FALSE(text_metrics_in({{"generation", {{"step", 1}}}}));
  EXPECT_EQ(text_metrics_in({{"generation", nullptr}}), Json::object());
}

TEST(RunResult, OfAPageHasTheTasksOwnMetricsAlone) {
  Json json = to_json(some_result());
  leave_out_details(json);
  EXPECT_FALSE(json.contains("config"));
  EXPECT_EQ(json.at("final").dump(), R"({"dev":{"loss":0.5,"accuracy":0.7}})");
}

}  // namespace
}  // namespace hiddenkey
