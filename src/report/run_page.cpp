#include "report/run_page.h"

#include <algorithm>
#include <optional>
#include <set>

#include "config/parse.h"
#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/json_file.h"
#include "core/text.h"
#include "report/curves.h"
#include "report/page.h"
#include "report/run_outputs.h"
#include "report/run_result.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostRunPoints = 400;

Json run_curve_json(const Curve& whole) {
  const Curve curve = thinned(whole, kMostRunPoints);
  Json json = {{"name", curve.name}, {"x", Json::array()}, {"y", Json::array()}};
  for (const double step : curve.steps) json["x"].push_back(short_number(step));
  for (const double value : curve.values) json["y"].push_back(short_number(value));
  return json;
}

Json run_curves_json(const std::vector<Curve>& curves) {
  Json list = Json::array();
  for (const Curve& curve : curves) list.push_back(run_curve_json(curve));
  return list;
}

std::string text_of(const Value& value) {
  if (value.kind != Value::Kind::kList) return value.text;
  std::vector<std::string> items;
  for (const Value& item : value.items) items.push_back(text_of(item));
  return cat('[', join(items, ", "), ']');
}

void add_settings(const Value& value, const std::string& key, Json& settings) {
  if (value.kind == Value::Kind::kMap) {
    for (const Entry& entry : value.entries)
      add_settings(entry.value, cat(key, key.empty() ? "" : ".", entry.key), settings);
  } else if (value.kind != Value::Kind::kNull) {
    settings[key] = text_of(value);
  }
}

/// The dotted keys of config.yaml; none where it is damaged.
Json settings_of(const fs::path& run) {
  Json settings = Json::object();
  const fs::path path = run / "config.yaml";
  if (!path_exists(path)) return settings;
  Problems problems;
  if (const std::optional<Value> value = parse_yaml(read_file(path), path.string(), problems))
    add_settings(*value, "", settings);
  return settings;
}

/// Of a finished run; null otherwise.
Json result_of(const fs::path& run) {
  const fs::path path = run / "result.json";
  if (!path_exists(path)) return nullptr;
  try {
    Json result = read_ordered_json_object(path);
    leave_out_details(result);
    return result;
  } catch (const ModelError&) {
    return nullptr;
  }
}

Json run_json(const fs::path& run, const std::string& name) {
  const RunCurves curves = read_curves(run);
  if (curves.training.empty() && curves.evaluation.empty())
    throw DataError(cat(run.string(), ": holds no run that has measured anything (", (run / "metrics.jsonl").string(),
                        path_exists(run / "metrics.jsonl") ? " has no whole line)" : " is not there)"));
  return {{"name", name},
          {"folder", fs::absolute(run).lexically_normal().string()},
          {"steps_per_epoch", curves.steps_per_epoch},
          {"damaged", curves.damaged},
          {"training", run_curves_json(curves.training)},
          {"evaluation", run_curves_json(curves.evaluation)},
          {"settings", settings_of(run)},
          {"result", result_of(run)},
          {"predictions", predictions_json(run)},
          {"generations", generations_json(run)}};
}

std::string last_name(const fs::path& run) {
  const fs::path whole = fs::absolute(run).lexically_normal();
  return whole.has_filename() ? whole.filename().string() : whole.parent_path().filename().string();
}

/// The folders' own names, or as they were given where two would be the same.
std::vector<std::string> names_for(const std::vector<fs::path>& runs) {
  std::vector<std::string> names;
  for (const fs::path& run : runs) names.push_back(last_name(run));
  if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) return names;
  std::transform(runs.begin(), runs.end(), names.begin(), [](const fs::path& run) { return run.string(); });
  return names;
}

}  // namespace

Json run_page_data(const std::vector<fs::path>& runs) {
  const std::vector<std::string> names = names_for(runs);
  Json json = {{"runs", Json::array()}};
  for (std::size_t i = 0; i < runs.size(); ++i) json["runs"].push_back(run_json(runs[i], names[i]));
  return json;
}

std::string run_page(const std::vector<fs::path>& runs) {
  return make_page("runs.html", {"run_figures.js", "runs.js"}, run_page_data(runs));
}

}  // namespace hiddenkey
