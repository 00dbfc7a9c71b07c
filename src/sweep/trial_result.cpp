#include "sweep/trial_result.h"

#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/json_file.h"
#include "core/text.h"

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

std::string text_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

std::optional<TrialResult> read_trial_result(const fs::path& folder) {
  const fs::path path = folder / "result.json", task = saved_task(folder);
  if (!path_exists(path) || !path_exists(task)) return std::nullopt;
  try {
    const Json json = read_ordered_json_object(path);
    TrialResult result;
    result.metrics = metrics_of(json, read_ordered_json_object(task));
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

std::optional<double> read_rung(const fs::path& folder, double share, const std::string& metric) {
  const fs::path path = folder / "metrics.jsonl";
  if (!path_exists(path)) return std::nullopt;
  std::optional<double> value;
  for (const std::string& line : split(read_file(path), '\n')) {
    const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) continue;  // the last line of a process that was killed
    const std::string type = text_of(json, "type");
    const bool measures = type == "eval" || type == "generation";
    if (measures && text_of(json, "split") == "dev" && json.contains(metric))
      value = json[metric].is_number() ? std::make_optional(json[metric].get<double>()) : std::nullopt;
    if (type == "pause" && json.value("share", Json()) == Json(share)) return value;
  }
  return read_trial_result(folder) ? value : std::nullopt;
}

}  // namespace hiddenkey
