#include "report/study.h"

namespace hiddenkey {

std::optional<double> metric_of(const Study& study, const Trial& trial) {
  if (trial.state != TrialState::kDone) return std::nullopt;
  const auto found = trial.metrics.find(study.metric);
  return found != trial.metrics.end() && found->is_number() ? std::make_optional(found->get<double>()) : std::nullopt;
}

}  // namespace hiddenkey
