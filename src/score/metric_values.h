#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace hiddenkey {

/// Names of metrics, and what they come to. A value that is not defined is NaN.
using MetricValues = std::vector<std::pair<std::string, double>>;

/// A loss without smoothing, and metrics under their names.
struct Measures {
  double loss = 0;  ///< CE, or mean squared error
  MetricValues metrics;
  MetricValues more = {};  ///< what is measured beside the task's own metrics
};

// JSON has no NaN: what is not finite is null.
nlohmann::ordered_json number_or_null(double value);
/// By name.
nlohmann::ordered_json values_json(const MetricValues& values);
/// The loss and the metrics by name; under "more" what is measured beside them, where there is something.
nlohmann::ordered_json measures_json(const Measures& measures);

}  // namespace hiddenkey
