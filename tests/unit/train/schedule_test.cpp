#include "train/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "train/step_plan.h"

namespace hiddenkey {
namespace {

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
