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

/// RFC 4180.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string json_text(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string json_number(double value) { return std::isfinite(value) ? shortest(value) : "null"; }

/// A label in JSON; a regression's is its score.
std::string json_label(const TaskInfo& task, const std::string& label) {
  const bool number = task.kind == TaskKind::kRegression;
  if (!number) return json_text(label);
  return label.find_first_not_of("0123456789.+-e") == std::string::npos ? label : "null";
}

std::string json_scores(const TaskInfo& task, const std::vector<float>& logits) {
  if (task.kind == TaskKind::kRegression) return array(logits);
  std::vector<std::string> parts;
  const std::vector<double> scores = probabilities(logits);
  for (std::size_t i = 0; i < scores.size(); ++i)
    parts.push_back(cat(json_text(task.labels[i]), ": ", json_number(scores[i])));
  return "{" + join(parts, ", ") + "}";
}

std::string csv_scores(const TaskInfo& task, const std::vector<float>& logits) {
  std::string text;
  if (task.kind == TaskKind::kRegression) return text;
  for (const double score : probabilities(logits)) text += "," + shortest(score);
  return text;
}

std::string csv_score_names(const TaskInfo& task) {
  std::string text;
  for (const std::string& label : task.labels) text += "," + csv_field("score_" + label);
  return text;
}

std::string glue_line(const TaskInfo& task, const std::string& id, const std::vector<float>& logits) {
  if (task.kind == TaskKind::kClassification) return id + "\t" + label_of(task, logits) + "\n";
  char score[32];
  std::snprintf(score, sizeof score, "%.3f", std::clamp(static_cast<double>(logits[0]), 0.0, 5.0));
  return id + "\t" + score + "\n";
}

std::string line_of(const TaskInfo& task, const std::string& id, const std::vector<float>& logits,
                    PredictionFormat format) {
  const std::string label = label_of(task, logits);
  switch (format) {
    case PredictionFormat::kTsv:
      return cat(field(id), "\t", field(label), "\t", scores_of(task, logits), "\t", array(logits), "\n");
    case PredictionFormat::kCsv:
      return cat(csv_field(id), ",", csv_field(label), csv_scores(task, logits), "\n");
    case PredictionFormat::kJsonl:
      return cat("{\"id\": ", json_text(id), ", \"label\": ", json_label(task, label),
                 ", \"scores\": ", json_scores(task, logits), ", \"logits\": ", array(logits), "}\n");
    case PredictionFormat::kGlue:
      return glue_line(task, id, logits);
  }
  return "";
}

/// The label that an example has.
std::string true_label(const TaskInfo& task, const TokenExample& example) {
  if (!example.label) return "";
  return task.kind == TaskKind::kRegression ? shortest(*example.label)
                                            : task.labels[static_cast<std::size_t>(*example.label)];
}

std::string dev_line(const TaskInfo& task, const TokenExample& example, const std::vector<float>& logits,
                     PredictionFormat format) {
  const std::string label = true_label(task, example), prediction = label_of(task, logits);
  if (format == PredictionFormat::kCsv)
    return cat(csv_field(example.id), ",", csv_field(label), ",", csv_field(prediction), csv_scores(task, logits),
               "\n");
  if (format == PredictionFormat::kJsonl)
    return cat("{\"id\": ", json_text(example.id), ", \"label\": ", json_label(task, label),
               ", \"prediction\": ", json_label(task, prediction), ", \"scores\": ", json_scores(task, logits), "}\n");
  return cat(field(example.id), "\t", field(label), "\t", field(prediction), "\t", scores_of(task, logits), "\n");
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

PredictionFormat prediction_format(const std::string& name) {
  if (name.ends_with(".csv")) return PredictionFormat::kCsv;
  return name.ends_with(".jsonl") || name.ends_with(".json") ? PredictionFormat::kJsonl : PredictionFormat::kTsv;
}

void write_dev_predictions(const fs::path& path, const TaskInfo& task, const Dataset& dataset, const Logits& logits) {
  const PredictionFormat format = prediction_format(path.string());
  std::string text;
  if (format == PredictionFormat::kTsv) text = "id\tlabel\tprediction\tscores\n";
  if (format == PredictionFormat::kCsv) text = cat("id,label,prediction", csv_score_names(task), "\n");
  for (std::size_t i = 0; i < dataset.examples.size(); ++i)
    text += dev_line(task, dataset.examples[i], logits[i], format);
  write_file_atomically(path, text);
}

std::string format_predictions(const TaskInfo& task, const Dataset& dataset, const Logits& logits,
                               PredictionFormat format) {
  std::string text;
  if (format == PredictionFormat::kTsv) text = "id\tlabel\tscores\tlogits\n";
  if (format == PredictionFormat::kCsv) text = cat("id,label", csv_score_names(task), "\n");
  if (format == PredictionFormat::kGlue) text = "index\tprediction\n";
  for (std::size_t i = 0; i < dataset.examples.size(); ++i)
    text += line_of(task, dataset.examples[i].id, logits[i], format);
  return text;
}

}  // namespace hiddenkey
