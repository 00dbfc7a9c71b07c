#pragma once

#include "settings/run_config.h"

namespace hiddenkey {

/// How many steps a run has. A step is `gradient_accumulation` micro-batches, the last of an epoch maybe fewer.
struct StepPlan {
  int64_t batches_per_epoch = 0;
  int64_t steps_per_epoch = 0;
  int64_t total_steps = 0;
};
StepPlan plan_steps(const TrainingConfig& config, int64_t examples);

/// Whether something that happens at `interval` is due after `step`; at the end it always is, unless it is never.
bool is_due(const Interval& interval, int64_t step, const StepPlan& plan);
bool is_due(const EpochInterval& interval, int64_t step, const StepPlan& plan);

}  // namespace hiddenkey
