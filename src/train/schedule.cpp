#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hiddenkey {

double Schedule::factor(int64_t step) const {
  if (step < warmup_steps_) return static_cast<double>(step) / static_cast<double>(warmup_steps_);
  const auto rest = static_cast<double>(std::max<int64_t>(1, total_steps_ - warmup_steps_));
  const double progress = static_cast<double>(step - warmup_steps_) / rest;
  switch (kind_) {
    case ScheduleKind::kLinear:
      return std::max(0.0, 1.0 - progress);
    case ScheduleKind::kCosine:
      return std::max(0.0, 0.5 * (1.0 + std::cos(std::numbers::pi * progress)));
    case ScheduleKind::kConstant:
      return 1.0;
  }
  return 1.0;
}

Schedule make_schedule(const TrainingConfig& config, int64_t total_steps) {
  const auto share = static_cast<int64_t>(std::ceil(config.warmup_ratio * static_cast<double>(total_steps)));
  return {config.schedule, config.warmup_steps.value_or(share), total_steps};
}

}  // namespace hiddenkey
