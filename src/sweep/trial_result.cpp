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

void add_metrics(const Json& saved, TrialResult& result) {
  result.metrics = result.more = Json::object();
  bool first = true;
  for (const auto& [split, values] : saved.at("training").at("metrics").items()) {
    const std::string prefix = first ? "" : split + "/";
    add_numbers(values, prefix, result.metrics);
    add_numbers(values.value("more", Json::object()), prefix, result.more);
    first = false;
  }
}

/// The value in a line of metrics.jsonl, which has some metrics under `more`; nullptr where there is none.
const Json* find_metric(const Json& line, const std::string& metric) {
  for (const Json* values : {&line, line.contains("more") ? &line["more"] : &line}) {
    const auto found = values->is_object() ? values->find(metric) : values->end();
    if (found != values->end()) return &*found;
  }
  return nullptr;
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
    const std::optional<RunCosts> costs = costs_in(json);
    const std::optional<Json> of_text = text_metrics_in(json);
    if (!costs || !of_text) return std::nullopt;
    TrialResult result;
    const Json saved = read_ordered_json_object(task);
    add_metrics(saved, result);
    add_numbers(*of_text, "", result.metrics);
    const Json about = saved.value("task", Json::object());
    result.task = about.value("name", "");
    result.labels = about.value("labels", std::vector<std::string>());
    result.costs = *costs;
    return result;
  } catch (const Error&) {
    return std::nullopt;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

void choose_metric(const std::string& metric, TrialResult& result) {
  const auto found = result.more.find(metric);
  if (found != result.more.end()) result.metrics[metric] = *found;
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
    if (const Json* found = find_metric(json, metric); measures && text_of(json, "split") == "dev" && found != nullptr)
      value = found->is_number() ? std::make_optional(found->get<double>()) : std::nullopt;
    if (type == "pause" && json.value("share", Json()) == Json(share)) return value;
  }
  return read_trial_result(folder) ? value : std::nullopt;
}

}  // namespace hiddenkey
