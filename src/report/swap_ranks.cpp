#include <algorithm>
#include <cmath>

#include "report/swaps.h"
#include "score/glue_metrics.h"

namespace hiddenkey {
namespace {

/// A score of one of two runs.
struct PooledScore {
  double score = 0;
  std::size_t example = 0;  ///< among all
  uint8_t side = 0;
  double label_rank = 0;     ///< from the middle
  bool stands_alone = true;  ///< no other score is the same
  bool ends_tie = true;      ///< the next score is another one
};

/// Sum of t^3 - t over groups of ties, which makes the spread of ranks smaller.
double tie_term(double count) { return count * count * count - count; }

/// The scores of one run that are the same.
struct Tie {
  double count = 0, labels = 0;

  void add(double is_mine, double label_rank) {
    count += is_mine;
    labels += is_mine * label_rank;
  }
};

/// What of one run's scores has been ranked so far. Whether a score is the run's is a 1 or a 0 and no branch, since it
/// is by chance.
struct Ranked {
  double count = 0, product = 0, ties = 0;

  void add_one(double is_mine, double label_rank) {
    count += is_mine;
    product += is_mine * count * label_rank;
  }
  void add(const Tie& tie) {
    product += (count + (tie.count + 1) / 2) * tie.labels;
    ties += tie_term(tie.count);
    count += tie.count;
  }
};

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
    for (std::size_t i = 0; i + 1 < pooled_.size(); ++i) {
      if (pooled_[i + 1].score != pooled_[i].score) continue;
      pooled_[i].stands_alone = pooled_[i + 1].stands_alone = false;
      pooled_[i].ends_tie = false;
    }
  }

  /// Spearman's correlation here less that there.
  double difference(const std::vector<uint8_t>& swapped) const {
    Ranked here, there;
    Tie tie_here, tie_there;
    for (const PooledScore& score : pooled_) {
      const double is_there = score.side ^ swapped[score.example];
      if (score.stands_alone) {
        here.add_one(1 - is_there, score.label_rank);
        there.add_one(is_there, score.label_rank);
        continue;
      }
      tie_here.add(1 - is_there, score.label_rank);
      tie_there.add(is_there, score.label_rank);
      if (!score.ends_tie) continue;
      here.add(tie_here);
      there.add(tie_there);
      tie_here = tie_there = Tie();
    }
    return correlation(here) - correlation(there);
  }

 private:
  double correlation(const Ranked& run) const {
    return run.product / std::sqrt((tie_term(count_) - run.ties) / 12 * label_spread_);
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
