#include "score/metric_values.h"

#include <cmath>

namespace hiddenkey {

nlohmann::ordered_json values_json(const MetricValues& values) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const auto& [name, value] : values) {
    nlohmann::ordered_json& of_name = json[name];
    if (std::isfinite(value)) of_name = value;
  }
  return json;
}

}  // namespace hiddenkey
