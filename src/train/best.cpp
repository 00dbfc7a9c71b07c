#include "train/best.h"

#include <cmath>

#include "data/metric_names.h"

namespace hiddenkey {
bool is_better(const std::string& metric, double value, const std::optional<double>& best) {
  if (!best) return true;
  return std::isfinite(value) && (smaller_is_better(metric) ? value < *best : value > *best);
}

bool note_evaluation(const std::string& metric, double value, RunState& state) {
  if (!is_better(metric, value, state.best_metric)) {
    ++state.evaluations_without_best;
    return false;
  }
  if (std::isfinite(value)) state.best_metric = value;
  state.best_step = state.step;
  state.evaluations_without_best = 0;
  return true;
}

}  // namespace hiddenkey
