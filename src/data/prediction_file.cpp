#include "data/prediction_file.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

std::string shortest(double value) {
  // As many digits as float32 logits carry.
  char text[32];
  std::snprintf(text, sizeof text, "%.7g", value);
  return text;
}
std::string shortest(float value) {
  // Nine digits read back as the same float.
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", static_cast<double>(value));
  return text;
}

template <class Number>
std::string array(const std::vector<Number>& values) {
  std::vector<std::string> parts;
  for (const Number value : values) parts.push_back(std::isfinite(value) ? shortest(value) : "null");
  return "[" + join(parts, ", ") + "]";
}

std::string label_of(const TaskInfo& task, const std::vector<float>& logits) {
  if (task.kind == TaskKind::kRegression) return shortest(logits[0]);
  const auto top = std::max_element(logits.begin(), logits.end());
  return task.labels[static_cast<std::size_t>(top - logits.begin())];
}

std::string scores_of(const TaskInfo& task, const std::vector<float>& logits) {
  return task.kind == TaskKind::kRegression ? array(logits) : array(probabilities(logits));
}

/// A field of a TSV cannot hold what ends it.
std::string field(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text;
}

std::string glue_line(const TaskInfo& task, const std::string& id, const std::vector<float>& logits) {
  if (task.kind == TaskKind::kClassification) return id + "\t" + label_of(task, logits) + "\n";
  char score[32];
  std::snprintf(score, sizeof score, "%.3f", std::clamp(static_cast<double>(logits[0]), 0.0, 5.0));
  return id + "\t" + score + "\n";
}

std::string json_line(const TaskInfo& task, const std::string& id, const std::vector<float>& logits) {
  const auto quoted = [](const std::string& text) {
    return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  std::string label = quoted(label_of(task, logits));
  if (task.kind == TaskKind::kRegression) label = std::isfinite(logits[0]) ? shortest(logits[0]) : "null";
  return cat("{\"id\": ", quoted(id), ", \"label\": ", label, ", \"scores\": ", scores_of(task, logits),
             ", \"logits\": ", array(logits), "}\n");
}

}  // namespace

std::vector<double> probabilities(const std::vector<float>& logits) {
  const double top = *std::max_element(logits.begin(), logits.end());
  std::vector<double> result;
  double sum = 0;
  for (const float logit : logits) sum += result.emplace_back(std::exp(logit - top));
  for (double& value : result) value /= sum;
  return result;
}

void write_dev_predictions(const fs::path& path, const TaskInfo& task, const Dataset& dataset, const Logits& logits) {
  std::string text = "id\tlabel\tprediction\tscores\n";
  for (std::size_t i = 0; i < dataset.examples.size(); ++i) {
    const TokenExample& example = dataset.examples[i];
    std::string label;
    if (example.label)
      label = task.kind == TaskKind::kRegression ? shortest(*example.label)
                                                 : task.labels[static_cast<std::size_t>(*example.label)];
    text += cat(field(example.id), "\t", field(label), "\t", field(label_of(task, logits[i])), "\t",
                scores_of(task, logits[i]), "\n");
  }
  write_file_atomically(path, text);
}

std::string format_predictions(const TaskInfo& task, const Dataset& dataset, const Logits& logits,
                               PredictionFormat format) {
  std::string text;
  if (format == PredictionFormat::kTsv) text = "id\tlabel\tscores\tlogits\n";
  if (format == PredictionFormat::kGlue) text = "index\tprediction\n";
  for (std::size_t i = 0; i < dataset.examples.size(); ++i) {
    const std::string& id = dataset.examples[i].id;
    switch (format) {
      case PredictionFormat::kTsv:
        text += cat(field(id), "\t", field(label_of(task, logits[i])), "\t", scores_of(task, logits[i]), "\t",
                    array(logits[i]), "\n");
        break;
      case PredictionFormat::kJsonl:
        text += json_line(task, id, logits[i]);
        break;
      case PredictionFormat::kGlue:
        text += glue_line(task, id, logits[i]);
        break;
    }
  }
  return text;
}

}  // namespace hiddenkey
