#include "sweep/trial_result.h"

#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/json_file.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

void add_numbers(const Json& metrics, const std::string& prefix, Json& target) {
  for (const auto& [name, value] : metrics.items()) {
    if (value.is_number()) target[prefix + name] = value;
  }
}

/// What was saved was measured when it was saved: the best checkpoint, or the last one.
fs::path saved_task(const fs::path& folder) {
  const fs::path adapter = folder / "adapter" / "hiddenkey.json";
  return path_exists(adapter) ? adapter : folder / "model" / "hiddenkey.json";
}

Json metrics_of(const Json& result, const Json& saved) {
  Json metrics = Json::object();
  bool first = true;
  for (const auto& [split, values] : saved.at("training").at("metrics").items()) {
    add_numbers(values, first ? "" : split + "/", metrics);
    first = false;
  }
  const Json text = result.value("generation", Json());
  if (text.is_object()) add_numbers(text.at("metrics"), "", metrics);
  return metrics;
}

}  // namespace

std::optional<TrialResult> read_trial_result(const fs::path& folder) {
  const fs::path path = folder / "result.json", task = saved_task(folder);
  if (!path_exists(path) || !path_exists(task)) return std::nullopt;
  try {
    const Json json = read_ordered_json_object(path);
    TrialResult result;
    const Json saved = read_ordered_json_object(task);
    result.metrics = metrics_of(json, saved);
    const Json about = saved.value("task", Json::object());
    result.task = about.value("name", "");
    result.labels = about.value("labels", std::vector<std::string>());
    result.seconds = json.at("training_seconds");
    const Json& speed = json.at("tokens_per_second");
    result.tokens_per_second = speed.is_number() ? speed.get<double>() : 0.0;
    result.peak_memory_bytes = json.at("peak_memory_bytes");
    return result;
  } catch (const Error&) {
    return std::nullopt;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace hiddenkey
