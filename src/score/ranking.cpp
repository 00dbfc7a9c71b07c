#include "score/ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

namespace hiddenkey {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

/// Nothing where a score is NaN, which has no place in an order.
std::optional<RankingSums> passed(const std::vector<double>& scores, const std::vector<uint8_t>& positive) {
  if (std::any_of(scores.begin(), scores.end(), [](double score) { return std::isnan(score); })) return std::nullopt;
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  RankingSums sums;
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    double positives = 0;
    while (end < order.size() && scores[order[end]] == scores[order[begin]])
      positives += positive[order[end++]] != 0 ? 1 : 0;
    sums.pass(positives, static_cast<double>(end - begin) - positives);
  }
  return sums;
}

}  // namespace

double RankingSums::roc_auc() const {
  return positives_ == 0 || negatives_ == 0 ? kUndefined : area_ / (positives_ * negatives_);
}

double RankingSums::average_precision() const { return positives_ == 0 ? 0 : precision_ / positives_; }

double roc_auc(const std::vector<double>& scores, const std::vector<uint8_t>& positive) {
  const std::optional<RankingSums> sums = passed(scores, positive);
  return sums ? sums->roc_auc() : kUndefined;
}

double average_precision(const std::vector<double>& scores, const std::vector<uint8_t>& positive) {
  const std::optional<RankingSums> sums = passed(scores, positive);
  return sums ? sums->average_precision() : kUndefined;
}

}  // namespace hiddenkey
