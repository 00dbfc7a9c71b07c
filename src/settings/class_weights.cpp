#include "settings/class_weights.h"

#include <algorithm>

#include "core/text.h"

namespace hiddenkey {
namespace {

const std::pair<std::string, double>* find_weight(const ClassWeights& weights, const std::string& label) {
  const auto found = std::find_if(weights.named.begin(), weights.named.end(),
                                  [&](const auto& weight) { return weight.first == label; });
  return found == weights.named.end() ? nullptr : &*found;
}

}  // namespace

std::string class_weight_problem(const ClassWeights& weights, const std::vector<std::string>& labels) {
  for (const auto& [name, weight] : weights.named) {
    if (std::find(labels.begin(), labels.end(), name) == labels.end())
      return cat('"', name, "\" is no label of the task, which has ", join(labels, ", "), did_you_mean(name, labels));
  }
  for (const std::string& label : labels) {
    if (find_weight(weights, label) == nullptr)
      return cat("has no weight for the label \"", label, "\"; each label needs one, or take auto");
  }
  const bool all_zero =
      std::all_of(weights.named.begin(), weights.named.end(), [](const auto& weight) { return weight.second == 0; });
  return all_zero ? "every weight is 0, so that no label would be learnt" : "";
}

std::vector<double> in_label_order(const ClassWeights& weights, const std::vector<std::string>& labels) {
  std::vector<double> ordered;
  for (const std::string& label : labels) ordered.push_back(find_weight(weights, label)->second);
  return ordered;
}

}  // namespace hiddenkey
