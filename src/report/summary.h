#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/statistics.h"
#include "report/study.h"

namespace hiddenkey {

/// A cell beside the one that is compared to, by the seeds (and folds) that both have finished.
struct Comparison {
  int64_t pairs = 0;
  double difference = 0;                    ///< mean of metric - metric there
  std::optional<PairedT> t;                 ///< nothing where there are fewer than two pairs, or no spread
  std::optional<double> rank_p;             ///< of the exact signed-rank test; nothing for a cross-validation
  std::optional<double> t_holm, rank_holm;  ///< corrected over all cells
  int64_t examples = 0;                     ///< of the test over examples, where there is one
  std::optional<double> example_p, example_holm;
};

/// What the finished trials of a cell say of the study's metric.
struct CellSummary {
  std::string cell;
  int64_t trials = 0, done = 0, failed = 0;
  std::optional<double> median, mean, deviation, best;  ///< nothing where no trial has finished
  std::optional<Comparison> comparison;                 ///< nothing for the cell itself, and where there is none
};

/// One for each cell, in the study's order. DataError where no trial has finished or none has the metric.
std::vector<CellSummary> summarise(const Study& study);

/// How much of the metric's spread goes with each axis alone: the share of its main effect in the sum of squares about
/// the mean, over the finished trials. Nothing unless every combination of the axes' values has finished equally often,
/// since effects overlap otherwise.
struct AxisShare {
  std::string axis;
  double share = 0;
};
std::vector<AxisShare> main_effects(const Study& study);

}  // namespace hiddenkey
