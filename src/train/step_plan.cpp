#include "train/step_plan.h"

#include <algorithm>
#include <cmath>

namespace hiddenkey {

StepPlan plan_steps(const TrainingConfig& config, int64_t examples) {
  const auto parts = [](int64_t whole, int64_t size) { return (whole + size - 1) / size; };
  StepPlan plan;
  plan.batches_per_epoch = parts(examples, config.batch_size);
  plan.steps_per_epoch = parts(plan.batches_per_epoch, config.gradient_accumulation);
  const double steps = std::ceil(config.epochs * static_cast<double>(plan.steps_per_epoch));
  plan.total_steps = config.max_steps.value_or(static_cast<int64_t>(std::min(steps, 1e15)));
  return plan;
}

bool is_due(const Interval& interval, int64_t step, const StepPlan& plan) {
  switch (interval.kind) {
    case Interval::Kind::kNever:
      return false;
    case Interval::Kind::kEpoch:
      return step % plan.steps_per_epoch == 0 || step == plan.total_steps;
    case Interval::Kind::kSteps:
      return step % interval.steps == 0 || step == plan.total_steps;
  }
  return false;
}

bool is_due(const EpochInterval& interval, int64_t step, const StepPlan& plan) {
  if (interval.kind == EpochInterval::Kind::kNever) return false;
  if (step == plan.total_steps) return true;
  return interval.kind == EpochInterval::Kind::kEpochs && step % (interval.epochs * plan.steps_per_epoch) == 0;
}

}  // namespace hiddenkey
