#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hiddenkey {

/// What a prediction is.
enum class LabelForm {
  kName,    ///< one class
  kNumber,  ///< one score
};

/// What a model predicts for one example.
struct PredictionRow {
  std::string id;
  std::string truth;  ///< the label that the example has; empty where it has none
  std::string prediction;
  std::vector<double> scores;  ///< one for each name of the table
  std::vector<float> logits;
  std::string glue;  ///< what GLUE's leaderboard takes
};

/// Predictions, ready to be written.
struct PredictionTable {
  LabelForm form = LabelForm::kName;
  std::vector<std::string> names;  ///< of the classes, in the order of the outputs; none for a regression
  std::vector<PredictionRow> rows;
};

enum class PredictionFormat { kTsv, kCsv, kJsonl, kGlue };

/// By the name's ending: .csv, .jsonl (or .json), otherwise TSV.
PredictionFormat prediction_format(const std::string& name);

/// What is written of a split with labels: id, label, prediction, scores; in the format that the name says.
void write_dev_predictions(const std::filesystem::path& path, const PredictionTable& table);

/// What `predict` writes. TSV: id, label, scores and logits, the last two as arrays in label order. CSV: id, label and
/// a column score_LABEL for each class (of a regression none: its label is the score). JSONL: id, label, scores (an
/// object by label; of a regression an array) and logits. GLUE: the leaderboard's index and prediction.
std::string format_predictions(const PredictionTable& table, PredictionFormat format);

/// A number with as many digits as float32 logits carry, and one that reads back as the same float.
std::string shortest(double value);
std::string shortest(float value);

/// Softmax of one row, in float64.
std::vector<double> probabilities(const std::vector<float>& logits);

}  // namespace hiddenkey
