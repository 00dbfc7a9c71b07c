#pragma once

#include <cstdint>

#include "settings/run_config.h"

namespace hiddenkey {

/// The factor on the learning rate of optimizer step `step` (from 0), as Transformers' schedulers of these names have
/// it.
class Schedule {
 public:
  Schedule(ScheduleKind kind, int64_t warmup_steps, int64_t total_steps)
      : kind_(kind), warmup_steps_(warmup_steps), total_steps_(total_steps) {}
  double factor(int64_t step) const;
  int64_t warmup_steps() const { return warmup_steps_; }

 private:
  ScheduleKind kind_;
  int64_t warmup_steps_, total_steps_;
};

/// With warmup_ratio the warm-up is that share of all steps, rounded up.
Schedule make_schedule(const TrainingConfig& config, int64_t total_steps);

}  // namespace hiddenkey
