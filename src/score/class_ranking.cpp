#include "score/class_ranking.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "score/ranking.h"

namespace hiddenkey {
namespace {

double value_of_class(const std::string& name, const std::vector<std::vector<double>>& scores,
                      const std::vector<int>& labels, std::size_t class_number) {
  std::vector<double> column;
  std::vector<uint8_t> positive;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    column.push_back(scores[i][class_number]);
    positive.push_back(labels[i] == static_cast<int>(class_number) ? 1 : 0);
  }
  return name == "roc_auc" ? roc_auc(column, positive) : average_precision(column, positive);
}

bool has_example(const std::vector<int>& labels, std::size_t class_number) {
  return std::find(labels.begin(), labels.end(), static_cast<int>(class_number)) != labels.end();
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

std::vector<std::string> class_ranking_names() { return {"roc_auc", "average_precision"}; }

bool is_class_ranking(const std::string& name) { return name == "roc_auc" || name == "average_precision"; }

double class_ranking(const std::string& name, const std::vector<std::vector<double>>& scores,
                     const std::vector<int>& labels) {
  constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
  if (scores.empty()) return kUndefined;
  const std::size_t classes = scores.front().size();
  if (classes == 2) return value_of_class(name, scores, labels, 1);
  double sum = 0;
  for (std::size_t i = 0; i < classes; ++i)
    sum += has_example(labels, i) ? value_of_class(name, scores, labels, i) : kUndefined;
  return sum / static_cast<double>(classes);
}

}  // namespace hiddenkey
