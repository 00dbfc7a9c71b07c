#include "task/predictions.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "data/delimited.h"
#include "task/word_predictions.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

template <class Number>
std::string array(const std::vector<Number>& values) {
  std::vector<std::string> parts;
  for (const Number value : values) parts.push_back(std::isfinite(value) ? shortest(value) : "null");
  return "[" + join(parts, ", ") + "]";
}

/// A label as a field of a table.
std::string text_of(const std::vector<std::string>& labels) { return join(labels, ","); }

/// A label in JSON; a regression's is its score.
std::string json_label(const PredictionTable& table, const std::vector<std::string>& labels) {
  if (table.form == LabelForm::kNames) {
    std::vector<std::string> parts;
    for (const std::string& label : labels) parts.push_back(json_text(label));
    return "[" + join(parts, ", ") + "]";
  }
  const std::string label = text_of(labels);
  if (table.form == LabelForm::kName) return json_text(label);
  return !label.empty() && label.find_first_not_of("0123456789.+-e") == std::string::npos ? label : "null";
}

std::string json_scores(const PredictionTable& table, const PredictionRow& row) {
  if (table.names.empty()) return array(row.logits);
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < row.scores.size(); ++i)
    parts.push_back(cat(json_text(table.names[i]), ": ", json_number(row.scores[i])));
  return "{" + join(parts, ", ") + "}";
}

std::string tsv_scores(const PredictionTable& table, const PredictionRow& row) {
  return table.names.empty() ? array(row.logits) : array(row.scores);
}

std::string csv_scores(const PredictionRow& row) {
  std::string text;
  for (const double score : row.scores) text += "," + shortest(score);
  return text;
}

std::string csv_score_names(const PredictionTable& table) {
  std::string text;
  for (const std::string& name : table.names) text += "," + csv_field("score_" + name);
  return text;
}

std::string line_of(const PredictionTable& table, const PredictionRow& row, PredictionFormat format) {
  switch (format) {
    case PredictionFormat::kTsv:
      return cat(tsv_field(row.id), "\t", tsv_field(text_of(row.prediction)), "\t", tsv_scores(table, row), "\t",
                 array(row.logits), "\n");
    case PredictionFormat::kCsv:
      return cat(csv_field(row.id), ",", csv_field(text_of(row.prediction)), csv_scores(row), "\n");
    case PredictionFormat::kJsonl:
      return cat("{\"id\": ", json_text(row.id), ", \"label\": ", json_label(table, row.prediction),
                 ", \"scores\": ", json_scores(table, row), ", \"logits\": ", array(row.logits), "}\n");
    case PredictionFormat::kGlue:
      return cat(row.id, "\t", row.glue, "\n");
    case PredictionFormat::kConll:
      break;  // is of words alone
  }
  return "";
}

std::string dev_line(const PredictionTable& table, const PredictionRow& row, PredictionFormat format) {
  if (format == PredictionFormat::kCsv)
    return cat(csv_field(row.id), ",", csv_field(text_of(row.truth)), ",", csv_field(text_of(row.prediction)),
               csv_scores(row), "\n");
  if (format == PredictionFormat::kJsonl)
    return cat("{\"id\": ", json_text(row.id), ", \"label\": ", json_label(table, row.truth),
               ", \"prediction\": ", json_label(table, row.prediction), ", \"scores\": ", json_scores(table, row),
               "}\n");
  return cat(tsv_field(row.id), "\t", tsv_field(text_of(row.truth)), "\t", tsv_field(text_of(row.prediction)), "\t",
             tsv_scores(table, row), "\n");
}

}  // namespace

std::string tsv_field(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text;
}

std::string json_text(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string json_number(double value) { return std::isfinite(value) ? shortest(value) : "null"; }

std::string shortest(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.7g", value);
  return text;
}

std::string shortest(float value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", static_cast<double>(value));
  return text;
}

PredictionFormat prediction_format(const std::string& name, LabelForm form) {
  if (name.ends_with(".conll")) {
    if (form == LabelForm::kWords) return PredictionFormat::kConll;
    throw ConfigError(cat(name, ": CoNLL's format has a tag for each word, and the task has a label for each example"));
  }
  if (name.ends_with(".csv")) return PredictionFormat::kCsv;
  return name.ends_with(".jsonl") || name.ends_with(".json") ? PredictionFormat::kJsonl : PredictionFormat::kTsv;
}

void write_dev_predictions(const fs::path& path, const PredictionTable& table) {
  const PredictionFormat format = prediction_format(path.string(), table.form);
  if (table.form == LabelForm::kWords) return write_file_atomically(path, dev_word_lines(table, format));
  std::string text;
  if (format == PredictionFormat::kTsv) text = "id\tlabel\tprediction\tscores\n";
  if (format == PredictionFormat::kCsv) text = cat("id,label,prediction", csv_score_names(table), "\n");
  for (const PredictionRow& row : table.rows) text += dev_line(table, row, format);
  write_file_atomically(path, text);
}

std::string format_predictions(const PredictionTable& table, PredictionFormat format) {
  if (table.form == LabelForm::kWords) return word_lines(table, format);
  std::string text;
  if (format == PredictionFormat::kTsv) text = "id\tlabel\tscores\tlogits\n";
  if (format == PredictionFormat::kCsv) text = cat("id,label", csv_score_names(table), "\n");
  if (format == PredictionFormat::kGlue) text = "index\tprediction\n";
  for (const PredictionRow& row : table.rows) text += line_of(table, row, format);
  return text;
}

}  // namespace hiddenkey
