#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hiddenkey {

/// What a prediction is.
enum class LabelForm {
  kName,    ///< one class
  kNumber,  ///< one score
  kNames,   ///< any number of labels
  kWords,   ///< a tag for each word
};

/// What a model predicts for one example.
struct PredictionRow {
  std::string id;
  std::vector<std::string> truth;       ///< what the example is labelled with; empty where it is not
  std::vector<std::string> prediction;  ///< one; the labels that apply; or a tag for each word, "" for one not read
  std::vector<double> scores;           ///< one for each name of the table, or the probability of each word's tag
  std::vector<float> logits;
  std::string glue;                     ///< what GLUE's leaderboard takes
  std::vector<std::string> words = {};  ///< of a prediction for each word
};

/// Predictions, ready to be written.
struct PredictionTable {
  LabelForm form = LabelForm::kName;
  std::vector<std::string> names;  ///< of the classes, in the order of the outputs; none for a regression
  std::vector<PredictionRow> rows;
};

enum class PredictionFormat { kTsv, kCsv, kJsonl, kConll, kGlue };

/// By the name's ending: .csv, .jsonl (or .json), .conll, otherwise TSV. ConfigError for .conll unless each word has a
/// prediction.
PredictionFormat prediction_format(const std::string& name, LabelForm form);

/// What is written of a split with labels: id, label, prediction, scores; in the format that the name says.
void write_dev_predictions(const std::filesystem::path& path, const PredictionTable& table);

/// What `predict` writes. TSV: id, label, scores and logits, the last two as arrays in label order. CSV: id, label and
/// a column score_LABEL for each class (of a regression none: its label is the score). JSONL: id, label, scores (an
/// object by label; of a regression an array) and logits. GLUE: the leaderboard's index and prediction. Several labels
/// are a list in JSONL and have commas between them elsewhere. Where each word has a prediction, see
/// task/word_predictions.h.
std::string format_predictions(const PredictionTable& table, PredictionFormat format);

/// What stands in a field: TSV cannot hold what ends it, JSON replaces what is not UTF-8.
std::string tsv_field(std::string text);
std::string json_text(const std::string& text);
std::string json_number(double value);

/// A number with as many digits as float32 logits carry, and one that reads back as the same float.
std::string shortest(double value);
std::string shortest(float value);

}  // namespace hiddenkey
