#pragma once

#include <optional>
#include <string>

#include "run/checkpoint_folder.h"

namespace hiddenkey {

/// Whether a value of a metric is better than the best so far; a value that is not finite never is, unless it is the
/// first.
bool is_better(const std::string& metric, double value, const std::optional<double>& best);

/// Notes an evaluation in the run's state. True where it is the best so far.
bool note_evaluation(const std::string& metric, double value, RunState& state);

}  // namespace hiddenkey
