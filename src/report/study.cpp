#include "report/study.h"

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

}  // namespace hiddenkey
