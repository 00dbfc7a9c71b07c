#pragma once

#include <string>
#include <vector>

#include "settings/run_config.h"

namespace hiddenkey {

/// What a run is judged by unless the sweep says otherwise: its config's, or its task's.
std::string default_metric(const RunConfig& config);

/// What a run can be compared by; of a generation the metrics of its texts too.
std::vector<std::string> metrics_of(const RunConfig& config);

}  // namespace hiddenkey
