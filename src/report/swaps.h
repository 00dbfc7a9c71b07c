#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "report/run_predictions.h"
#include "score/entity_tally.h"
#include "score/text_metric.h"

/// Permutation tests of two cells over examples. What an example was answered, by all seeds together, changes sides
/// between the cells with chance a half; the difference of the metric's means over the seeds is looked at each time.
namespace hiddenkey {

struct Swaps {
  double observed = 0;        ///< the difference without a swap
  std::vector<double> drawn;  ///< with the examples of each draw swapped
};

constexpr std::size_t kDraws = 10000;
constexpr std::size_t kSlowDraws = 2000;  ///< of a metric for which each draw goes through all examples anew
constexpr uint64_t kSwapSeed = 12345;

/// The share of draws that are as far from 0 as what was observed, which counts as one of them. A draw without a value
/// counts as far.
double two_sided_p(const Swaps& swaps);

/// A metric of class_tally.h, from counts.
Swaps swap_classes(const PairedRuns& runs, const std::string& metric, std::size_t classes);
/// pearson or mse, from sums.
Swaps swap_scores(const PairedRuns& runs, const std::string& metric);
Swaps swap_ranks(const PairedRuns& runs);
/// roc_auc or average_precision of classes, and those of several labels an example.
Swaps swap_class_rankings(const PairedRuns& runs, const std::string& metric, std::size_t classes);
Swaps swap_label_rankings(const PairedRuns& runs, const std::string& metric, std::size_t labels);
/// A metric of label_tally.h, and one of entity_tally.h, from each example's counts.
Swaps swap_label_sets(const PairedRuns& runs, const std::string& metric);
Swaps swap_tags(const PairedRuns& runs, const EntityTags& tags, const std::string& metric);
Swaps swap_texts(const PairedRuns& runs, const TextMetric& metric);

/// One draw after the other of which examples change sides; the difference for each is `difference`'s.
Swaps swap_each(std::size_t examples, const std::function<double(const std::vector<uint8_t>& swapped)>& difference);

}  // namespace hiddenkey
