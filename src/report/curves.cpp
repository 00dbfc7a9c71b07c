#include "report/curves.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/file.h"
#include "core/folder.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

/// What stands in a line beside what was measured.
bool is_measured(const std::string& name) {
  static const std::set<std::string> kOthers = {"type",   "step",         "epoch",   "split",
                                                "tokens", "label_tokens", "prompts", "seconds"};
  return kOthers.count(name) == 0;
}

void add_point(const std::string& name, double step, double value, std::vector<Curve>& curves) {
  auto curve = std::find_if(curves.begin(), curves.end(), [&](const Curve& known) { return known.name == name; });
  if (curve == curves.end()) curve = curves.insert(curves.end(), Curve{name, {}, {}});
  curve->steps.push_back(step);
  curve->values.push_back(value);
}

class LineReader {
 public:
  RunCurves curves;

  void read(const std::string& line) {
    const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    const bool whole = json.is_object() && json.contains("type") && json["type"].is_string() && json.contains("step") &&
                       json["step"].is_number();
    if (!whole) {
      ++curves.damaged;
      return;
    }
    const std::string type = json["type"];
    if (type == "step") {
      add(json, "", curves.training);
      note_epoch(json);
    } else if (type == "eval" || type == "generation") {
      add(json, prefix_of(json), curves.evaluation);
    }
  }

 private:
  static void add(const Json& json, const std::string& prefix, std::vector<Curve>& target) {
    const double step = json["step"];
    for (const auto& [name, value] : json.items()) {
      if (is_measured(name) && value.is_number()) add_point(prefix + name, step, value, target);
    }
  }

  void note_epoch(const Json& json) {
    const auto epoch = json.find("epoch");
    if (epoch != json.end() && epoch->is_number() && *epoch > 0)
      curves.steps_per_epoch = json["step"].get<double>() / epoch->get<double>();
  }

  /// The first split's metrics go by their names alone.
  std::string prefix_of(const Json& json) {
    const auto split = json.find("split");
    if (split == json.end() || !split->is_string()) return "";
    if (first_split_.empty()) first_split_ = *split;
    return *split == first_split_ ? "" : split->get<std::string>() + "/";
  }

  std::string first_split_;
};

double mean_between(const std::vector<double>& values, std::size_t begin, std::size_t end) {
  double sum = 0;
  for (std::size_t i = begin; i < end; ++i) sum += values[i];
  return sum / static_cast<double>(end - begin);
}

}  // namespace

RunCurves read_curves(const fs::path& run) {
  const fs::path path = run / "metrics.jsonl";
  LineReader reader;
  if (!path_exists(path)) return reader.curves;
  for (const std::string& line : split(read_file(path), '\n')) {
    if (!line.empty()) reader.read(line);
  }
  return reader.curves;
}

const Curve* find_curve(const std::vector<Curve>& curves, const std::string& name) {
  const auto found = std::find_if(curves.begin(), curves.end(), [&](const Curve& curve) { return curve.name == name; });
  return found == curves.end() ? nullptr : &*found;
}

Curve thinned(const Curve& curve, std::size_t most) {
  const std::size_t count = curve.steps.size();
  if (count <= most) return curve;
  const std::size_t together = (count + most - 1) / most;
  Curve thin{curve.name, {}, {}};
  for (std::size_t begin = 0; begin < count; begin += together) {
    const std::size_t end = std::min(count, begin + together);
    thin.steps.push_back(mean_between(curve.steps, begin, end));
    thin.values.push_back(mean_between(curve.values, begin, end));
  }
  return thin;
}

Curve mean_curve(const std::vector<Curve>& curves) {
  std::map<double, std::pair<double, double>> sums;  // step -> sum, count
  for (const Curve& curve : curves) {
    for (std::size_t i = 0; i < curve.steps.size(); ++i) {
      auto& [sum, count] = sums[curve.steps[i]];
      sum += curve.values[i];
      ++count;
    }
  }
  Curve mean{curves.empty() ? "" : curves.front().name, {}, {}};
  for (const auto& [step, sum] : sums) {
    mean.steps.push_back(step);
    mean.values.push_back(sum.first / sum.second);
  }
  return mean;
}

}  // namespace hiddenkey
