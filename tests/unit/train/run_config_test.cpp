#include "train/run_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "core/error.h"
#include "core/file.h"
#include "train/schedule.h"
#include "train/step_plan.h"

namespace hiddenkey {
namespace {

class ConfigFile : public testing::Test {
 protected:
  fs::path path_ = fs::path(testing::TempDir()) / ("hiddenkey-config-" + std::to_string(::getpid()) + ".yaml");
  void TearDown() override { fs::remove(path_); }

  RunConfig load(const std::string& text, const std::vector<std::string>& overrides = {}) {
    write_file_atomically(path_, "model: {path: m}\noutput_dir: o\n" + text);
    return require_run_config(path_, overrides);
  }
};

TEST_F(ConfigFile, ASchemeSetsItsPositionsAndItsLoss) {
  const RunConfig key = load("task: {name: rte, data_dir: d}\ndropout: {scheme: hiddenkey, hidden: {rate: 0.2}}\n");
  EXPECT_EQ(key.dropout.logits.rate, 0.1);
  EXPECT_EQ(key.dropout.hidden.rate, 0.2);
  EXPECT_EQ(key.dropout.weights.rate, 0.0);
  EXPECT_EQ(key.consistency.loss, ConsistencyLoss::kKl);
  const RunConfig none = load("task: {name: rte, data_dir: d}\n");
  EXPECT_EQ(none.dropout.logits.rate, 0.0);
  EXPECT_EQ(none.consistency.loss, ConsistencyLoss::kNone);
}

TEST_F(ConfigFile, WhatIsPrintedReadsBackAsTheSame) {
  for (const std::string text :
       {"task: {name: rte, data_dir: d}\ndropout: {scheme: hiddenkey, layers: [0-2, 5]}\nlora: {target_modules: "
        "'.*query'}\n",
        "task: {name: classification, train: t.tsv, text_columns: [a, b], labels: [no, yes]}\nmethod: full\ntraining: "
        "{max_steps: 7, epsilon: 1e-8}\nevaluation: {every: 50}\n"}) {
    const std::string printed = to_yaml(load(text));
    write_file_atomically(path_, printed);
    EXPECT_EQ(to_yaml(require_run_config(path_, {})), printed);
  }
}

TEST_F(ConfigFile, OverridesGoOnTop) {
  const RunConfig config = load("task: {name: rte, data_dir: d}\n",
                                {"training.betas=[0.8, 0.9]", "lora.target_modules=[key]", "model.path=other"});
  EXPECT_EQ(config.training.betas, (std::vector<double>{0.8, 0.9}));
  EXPECT_EQ(config.lora.target_modules, std::vector<std::string>{"key"});
  EXPECT_EQ(config.model.path, "other");
}

// Transformers' get_linear_schedule_with_warmup and get_cosine_schedule_with_warmup, by their formulas.
TEST(Schedules, EqualTransformers) {
  const Schedule linear(ScheduleKind::kLinear, 4, 20), cosine(ScheduleKind::kCosine, 4, 20),
      constant(ScheduleKind::kConstant, 4, 20);
  EXPECT_EQ(linear.factor(0), 0.0);
  EXPECT_EQ(linear.factor(2), 0.5);
  EXPECT_EQ(linear.factor(4), 1.0);
  EXPECT_DOUBLE_EQ(linear.factor(12), 0.5);
  EXPECT_EQ(linear.factor(20), 0.0);
  EXPECT_DOUBLE_EQ(cosine.factor(12), 0.5);
  EXPECT_NEAR(cosine.factor(8), 0.8535533905932737, 1e-15);
  EXPECT_EQ(constant.factor(19), 1.0);
}

TEST(Steps, AreCountedInAccumulatedBatches) {
  TrainingConfig config;
  config.batch_size = 8;
  config.gradient_accumulation = 4;
  config.epochs = 2.5;
  const StepPlan plan = plan_steps(config, 100);
  EXPECT_EQ(plan.batches_per_epoch, 13);
  EXPECT_EQ(plan.steps_per_epoch, 4);
  EXPECT_EQ(plan.total_steps, 10);
  EXPECT_TRUE(is_due(Interval{Interval::Kind::kEpoch, 0}, 4, plan));
  EXPECT_FALSE(is_due(Interval{Interval::Kind::kEpoch, 0}, 5, plan));
  EXPECT_TRUE(is_due(Interval{Interval::Kind::kEpoch, 0}, 10, plan));
  EXPECT_TRUE(is_due(Interval{Interval::Kind::kSteps, 3}, 9, plan));
  EXPECT_FALSE(is_due(Interval{Interval::Kind::kNever, 0}, 10, plan));
  EXPECT_TRUE(is_due(EpochInterval{EpochInterval::Kind::kEpochs, 2}, 8, plan));
  EXPECT_FALSE(is_due(EpochInterval{EpochInterval::Kind::kEpochs, 2}, 4, plan));
  EXPECT_TRUE(is_due(EpochInterval{EpochInterval::Kind::kEnd, 0}, 10, plan));
  EXPECT_FALSE(is_due(EpochInterval{EpochInterval::Kind::kEnd, 0}, 8, plan));
  EXPECT_FALSE(is_due(EpochInterval{EpochInterval::Kind::kNever, 0}, 10, plan));
}

}  // namespace
}  // namespace hiddenkey
