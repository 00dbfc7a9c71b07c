#include "task/class_balance.h"

#include <numeric>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

void require_all(const std::vector<std::string>& labels, const std::vector<int64_t>& counts) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (counts[i] == 0)
      throw DataError(cat("training.class_weights: auto: no training example has the label \"", labels[i],
                          "\", so that it has no balanced weight; name a weight for each label"));
  }
}

}  // namespace

std::vector<double> balanced(const std::vector<std::string>& labels, const std::vector<int64_t>& counts) {
  require_all(labels, counts);
  const auto all = static_cast<double>(std::accumulate(counts.begin(), counts.end(), int64_t{0}));
  std::vector<double> weights;
  for (const int64_t count : counts)
    weights.push_back(all / (static_cast<double>(counts.size()) * static_cast<double>(count)));
  return weights;
}

std::vector<double> balanced_positives(const std::vector<std::string>& labels, const std::vector<int64_t>& counts,
                                       int64_t examples) {
  require_all(labels, counts);
  std::vector<double> weights;
  for (const int64_t count : counts)
    weights.push_back(static_cast<double>(examples - count) / static_cast<double>(count));
  return weights;
}

}  // namespace hiddenkey
