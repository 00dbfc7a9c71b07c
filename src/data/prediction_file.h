#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace hiddenkey {

using Logits = std::vector<std::vector<float>>;

/// Softmax of one row, in float64.
std::vector<double> probabilities(const std::vector<float>& logits);

/// TSV: id, label, prediction, scores (probabilities in label order, or the score), of a split with labels.
void write_dev_predictions(const std::filesystem::path& path, const TaskInfo& task, const Dataset& dataset,
                           const Logits& logits);

enum class PredictionFormat { kTsv, kJsonl, kGlue };

/// What `predict` writes: id, label, scores and logits, arrays in label order; or the leaderboard's index and
/// prediction (STS-B's scores within 0 and 5, with three decimals).
std::string format_predictions(const TaskInfo& task, const Dataset& dataset, const Logits& logits,
                               PredictionFormat format);

}  // namespace hiddenkey
