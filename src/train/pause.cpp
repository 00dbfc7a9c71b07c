#include "train/pause.h"

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {

Pause::Pause(double share, const RunConfig& config, int64_t total_steps, int64_t step)
    : share_(share), total_steps_(total_steps) {
  if (config.evaluation.every.kind == Interval::Kind::kNever)
    throw ConfigError("--pause-at: a run pauses after an evaluation, and evaluation.every is never");
  if (step > 0 && is_behind(step))
    throw ConfigError(
        cat("--pause-at: ", format_number(share), " of the steps are done already, ", step, " of ", total_steps));
}

/// The product may be a little above a whole number that it would be without rounding.
bool Pause::is_behind(int64_t step) const {
  return static_cast<double>(step) >= share_ * static_cast<double>(total_steps_) - 1e-6;
}

}  // namespace hiddenkey
