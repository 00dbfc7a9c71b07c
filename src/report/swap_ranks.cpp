#include <algorithm>
#include <array>
#include <cmath>

#include "report/statistics.h"
#include "report/swaps.h"
#include "score/glue_metrics.h"

namespace hiddenkey {
namespace {

/// A score of one of two runs.
struct PooledScore {
  double score = 0;
  std::size_t example = 0;  ///< among all
  uint8_t side = 0;
  double label_rank = 0;  ///< from the middle
  bool ends_tie = false;  ///< the next score is another one
};

/// Sum of t^3 - t over groups of ties, which makes the spread of ranks smaller.
double tie_term(double count) { return count * count * count - count; }

/// The scores of two runs in one order, which a swap does not change: a draw is ranked in one pass.
class PooledRun {
 public:
  explicit PooledRun(const RunPair& pair) : count_(static_cast<double>(pair.here->labels.size())) {
    const std::vector<double> label_ranks = ranks(pair.here->labels);
    const double middle = (count_ + 1) / 2;
    for (const double rank : label_ranks) label_spread_ += (rank - middle) * (rank - middle);
    for (const uint8_t side : {0, 1}) {
      const std::vector<double>& scores = side == 0 ? pair.here->answers : pair.there->answers;
      for (std::size_t i = 0; i < scores.size(); ++i)
        pooled_.push_back({scores[i], pair.first + i, side, label_ranks[i] - middle});
    }
    std::sort(pooled_.begin(), pooled_.end(), [](const auto& a, const auto& b) { return a.score < b.score; });
    for (std::size_t i = 0; i < pooled_.size(); ++i)
      pooled_[i].ends_tie = i + 1 == pooled_.size() || pooled_[i + 1].score != pooled_[i].score;
  }

  /// Spearman's correlation here less that there.
  double difference(const std::vector<uint8_t>& swapped) const {
    std::array<double, 2> seen{}, tied{}, labels{}, product{}, ties{};
    for (const PooledScore& score : pooled_) {
      const std::size_t side = score.side ^ swapped[score.example];
      tied[side] += 1;
      labels[side] += score.label_rank;
      if (!score.ends_tie) continue;
      for (std::size_t s = 0; s < 2; ++s) {
        product[s] += (seen[s] + (tied[s] + 1) / 2) * labels[s];
        ties[s] += tie_term(tied[s]);
        seen[s] += tied[s];
        tied[s] = labels[s] = 0;
      }
    }
    return correlation(product[0], ties[0]) - correlation(product[1], ties[1]);
  }

 private:
  double correlation(double product, double ties) const {
    return product / std::sqrt((tie_term(count_) - ties) / 12 * label_spread_);
  }

  double count_, label_spread_ = 0;
  std::vector<PooledScore> pooled_;
};

}  // namespace

Swaps swap_ranks(const PairedRuns& runs) {
  std::vector<PooledRun> pairs;
  for (const RunPair& pair : runs.pairs) pairs.emplace_back(pair);
  return swap_each(runs.examples, [&](const std::vector<uint8_t>& swapped) {
    double sum = 0;
    for (const PooledRun& pair : pairs) sum += pair.difference(swapped);
    return sum / static_cast<double>(pairs.size());
  });
}

}  // namespace hiddenkey
