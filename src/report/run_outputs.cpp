#include "report/run_outputs.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>

#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/json_file.h"
#include "core/text.h"
#include "report/page.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostPairs = 1000, kMostTexts = 12;
constexpr std::string_view kPrefix = "predictions-", kSuffix = ".tsv";

struct Prediction {
  std::string label, prediction;
};

struct PredictionFile {
  std::vector<Prediction> lines;
  std::size_t damaged = 0;
};

/// The number of a column; that of none where there is no such column.
std::size_t place_of(const std::string& name, const std::vector<std::string>& columns) {
  return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), name) - columns.begin());
}

PredictionFile read_predictions(const fs::path& path) {
  PredictionFile file;
  std::vector<std::string> lines = split(read_file(path), '\n');
  const std::vector<std::string> columns = split(lines.front(), '\t');
  const std::size_t label = std::min(place_of("label", columns), place_of("tag", columns));
  const std::size_t prediction = place_of("prediction", columns);
  lines.erase(lines.begin());
  for (const std::string& line : lines) {
    if (line.empty()) continue;
    const std::vector<std::string> fields = split(line, '\t');
    if (fields.size() != columns.size() || std::max(label, prediction) >= fields.size()) {
      ++file.damaged;
    } else if (!fields[prediction].empty()) {  // a word that was not read has none
      file.lines.push_back({fields[label], fields[prediction]});
    }
  }
  return file;
}

/// What the adapter or the model says of its task; null where it does not.
Json task_of(const fs::path& run) {
  for (const char* name : {"adapter", "model"}) {
    const fs::path path = run / name / "hiddenkey.json";
    if (!path_exists(path)) continue;
    try {
      return read_ordered_json_object(path).value("task", Json());
    } catch (const ModelError&) {
      return nullptr;
    }
  }
  return nullptr;
}

/// The task's labels, and behind them those that the file has beyond.
std::vector<std::string> labels_of(const Json& task, const PredictionFile& file) {
  std::vector<std::string> labels;
  const auto add = [&](const std::string& label) {
    if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.push_back(label);
  };
  for (const Json& label : task.value("labels", Json::array())) {
    if (label.is_string()) add(label);
  }
  for (const Prediction& line : file.lines) {
    if (line.label.empty()) continue;
    add(line.label);
    add(line.prediction);
  }
  return labels;
}

Json confusions(const Json& task, const PredictionFile& file) {
  const std::vector<std::string> labels = labels_of(task, file);
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < labels.size(); ++i) places[labels[i]] = i;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> counts;
  for (const Prediction& line : file.lines) {
    if (!line.label.empty()) ++counts[{places[line.label], places[line.prediction]}];
  }
  Json json = {{"labels", labels}, {"counts", Json::array()}};
  for (const auto& [place, count] : counts) json["counts"].push_back({place.first, place.second, count});
  return json;
}

std::optional<double> number_of(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  return !text.empty() && *end == '\0' ? std::make_optional(value) : std::nullopt;
}

/// Every so many-th, so that no more than `most` are left.
std::size_t stride_for(std::size_t count, std::size_t most) {
  return std::max<std::size_t>(1, (count + most - 1) / most);
}

Json true_and_predicted(const PredictionFile& file) {
  Json pairs = Json::array();
  for (std::size_t i = 0; i < file.lines.size(); i += stride_for(file.lines.size(), kMostPairs)) {
    const std::optional<double> label = number_of(file.lines[i].label),
                                prediction = number_of(file.lines[i].prediction);
    if (label && prediction) pairs.push_back({short_number(*label), short_number(*prediction)});
  }
  return {{"pairs", pairs}, {"examples", file.lines.size()}};
}

std::vector<fs::path> prediction_files(const fs::path& run) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(run, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kPrefix) && name.ends_with(kSuffix)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Json predictions_json(const fs::path& run) {
  Json list = Json::array();
  const Json task = task_of(run);
  if (!task.is_object() || task.value("kind", Json()) == "multi_label_classification") return list;
  for (const fs::path& path : prediction_files(run)) {
    const std::string name = path.filename().string();
    const PredictionFile file = read_predictions(path);
    Json json = {{"split", name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size())},
                 {"damaged", file.damaged}};
    json.update(task.value("kind", Json()) == "regression" ? true_and_predicted(file) : confusions(task, file));
    list.push_back(std::move(json));
  }
  return list;
}

Json generations_json(const fs::path& run) {
  const fs::path path = run / "generations-dev.jsonl";
  Json list = Json::array();
  if (!path_exists(path)) return list;
  const std::vector<std::string> lines = split(read_file(path), '\n');
  for (std::size_t i = 0; i < lines.size(); i += stride_for(lines.size(), kMostTexts)) {
    Json json = Json::parse(lines[i], nullptr, /*allow_exceptions=*/false);
    if (json.is_object() && json.contains("prompt") && json.contains("text")) list.push_back(std::move(json));
  }
  return list;
}

}  // namespace hiddenkey
