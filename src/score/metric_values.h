#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace hiddenkey {

/// Names of metrics, and what they come to. A value that is not defined is NaN.
using MetricValues = std::vector<std::pair<std::string, double>>;

/// By name; what is not finite is null, for JSON has no NaN.
nlohmann::ordered_json values_json(const MetricValues& values);

}  // namespace hiddenkey
