#pragma once

#include <string>
#include <utility>
#include <vector>

namespace hiddenkey {

/// training.class_weights: how much each label counts in the loss.
struct ClassWeights {
  bool balanced = false;                              ///< auto: rare labels count more
  std::vector<std::pair<std::string, double>> named;  ///< otherwise: a weight for each label
};

/// What is wrong with named weights for these labels, of which each has to have one and at least one has to be above 0;
/// "" where nothing is.
std::string class_weight_problem(const ClassWeights& weights, const std::vector<std::string>& labels);

/// The named weights in the order of the labels, which they fit.
std::vector<double> in_label_order(const ClassWeights& weights, const std::vector<std::string>& labels);

}  // namespace hiddenkey
