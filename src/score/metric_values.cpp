#include "score/metric_values.h"

#include <cmath>

namespace hiddenkey {

using Json = nlohmann::ordered_json;

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json values_json(const MetricValues& values) {
  Json json = Json::object();
  for (const auto& [name, value] : values) json[name] = number_or_null(value);
  return json;
}

Json measures_json(const Measures& measures) {
  Json json = {{"loss", number_or_null(measures.loss)}};
  json.update(values_json(measures.metrics));
  if (!measures.more.empty()) json["more"] = values_json(measures.more);
  return json;
}

}  // namespace hiddenkey
