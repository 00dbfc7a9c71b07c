#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace hiddenkey {

using Logits = std::vector<std::vector<float>>;

/// Softmax of one row, in float64.
std::vector<double> probabilities(const std::vector<float>& logits);

enum class PredictionFormat { kTsv, kCsv, kJsonl, kGlue };

/// By the name's ending: .csv, .jsonl (or .json), otherwise TSV.
PredictionFormat prediction_format(const std::string& name);

/// Of a split with labels: id, label, prediction, scores; in the format that the name says.
void write_dev_predictions(const std::filesystem::path& path, const TaskInfo& task, const Dataset& dataset,
                           const Logits& logits);

/// What `predict` writes. TSV: id, label, scores and logits, the last two as arrays in label order. CSV: id, label and
/// a column score_LABEL for each class (of a regression none: its label is the score). JSONL: id, label, scores (an
/// object by label; of a regression an array) and logits. GLUE: the leaderboard's index and prediction (STS-B's scores
/// within 0 and 5, with three decimals).
std::string format_predictions(const TaskInfo& task, const Dataset& dataset, const Logits& logits,
                               PredictionFormat format);

}  // namespace hiddenkey
