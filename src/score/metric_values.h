#pragma once

#include <string>
#include <utility>
#include <vector>

namespace hiddenkey {

/// Names of metrics, and what they come to. A value that is not defined is NaN.
using MetricValues = std::vector<std::pair<std::string, double>>;

}  // namespace hiddenkey
