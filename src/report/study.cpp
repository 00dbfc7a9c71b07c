#include "report/study.h"

#include <algorithm>

namespace hiddenkey {

const char* name_of(TrialState state) {
  switch (state) {
    case TrialState::kWaiting:
      return "waiting";
    case TrialState::kRunning:
      return "running";
    case TrialState::kDone:
      return "done";
    case TrialState::kFailed:
      return "failed";
    case TrialState::kPaused:
      return "paused";
    case TrialState::kStopped:
      return "stopped";
  }
  return "";
}

std::optional<double> metric_of(const Study& study, const Trial& trial) {
  if (trial.state != TrialState::kDone) return std::nullopt;
  const auto found = trial.metrics.find(study.metric);
  return found != trial.metrics.end() && found->is_number() ? std::make_optional(found->get<double>()) : std::nullopt;
}

Replicate replicate_of(const Trial& trial) { return {trial.seed, trial.fold}; }

double shared_training(const Study& study) {
  int64_t folds = 0;
  for (const Trial& trial : study.trials) folds = std::max(folds, trial.fold);
  return folds > 1 ? 1.0 / static_cast<double>(folds - 1) : 0.0;
}

}  // namespace hiddenkey
