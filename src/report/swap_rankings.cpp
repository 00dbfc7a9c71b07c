#include <algorithm>
#include <cstdint>

#include "report/swaps.h"
#include "score/ranking.h"

namespace hiddenkey {
namespace {

/// A score of one of two runs.
struct RankedScore {
  double score = 0;
  std::size_t example = 0;  ///< among all
  uint8_t side = 0, positive = 0;
  bool ends_tie = true;  ///< the next score is another one
};

/// What one score after the other of both runs puts into order, which a swap does not change: a draw passes it once.
class PooledRanking {
 public:
  void add(double here, double there, std::size_t example, bool positive) {
    const auto is_positive = static_cast<uint8_t>(positive ? 1 : 0);
    scores_.push_back({here, example, 0, is_positive});
    scores_.push_back({there, example, 1, is_positive});
  }

  void sort() {
    std::sort(scores_.begin(), scores_.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    for (std::size_t i = 0; i + 1 < scores_.size(); ++i) scores_[i].ends_tie = scores_[i].score != scores_[i + 1].score;
  }

  /// The metric here less that there.
  double difference(const std::vector<uint8_t>& swapped, bool roc_auc) const {
    RankingSums sums[2];
    double positives[2] = {0, 0}, negatives[2] = {0, 0};
    for (const RankedScore& score : scores_) {
      const auto side = static_cast<std::size_t>(score.side ^ swapped[score.example]);
      positives[side] += score.positive;
      negatives[side] += 1 - score.positive;
      if (!score.ends_tie) continue;
      for (const std::size_t i : {0, 1}) {
        sums[i].pass(positives[i], negatives[i]);
        positives[i] = negatives[i] = 0;
      }
    }
    return roc_auc ? sums[0].roc_auc() - sums[1].roc_auc() : sums[0].average_precision() - sums[1].average_precision();
  }

 private:
  std::vector<RankedScore> scores_;
};

using Rankings = std::vector<PooledRanking>;

/// The mean over the pairs of the mean over each one's rankings.
Swaps swap_all(std::size_t examples, std::vector<Rankings> pairs, const std::string& metric) {
  for (Rankings& rankings : pairs) {
    for (PooledRanking& ranking : rankings) ranking.sort();
  }
  const bool roc_auc = metric.starts_with("roc_auc");
  return swap_each(examples, [&](const std::vector<uint8_t>& swapped) {
    double total = 0;
    for (const Rankings& rankings : pairs) {
      double sum = 0;
      for (const PooledRanking& ranking : rankings) sum += ranking.difference(swapped, roc_auc);
      total += sum / static_cast<double>(rankings.size());
    }
    return total / static_cast<double>(pairs.size());
  });
}

}  // namespace

Swaps swap_class_rankings(const PairedRuns& runs, const std::string& metric, std::size_t classes) {
  const std::size_t first = classes == 2 ? 1 : 0;  // of two classes the second one's scores alone
  std::vector<Rankings> pairs;
  for (const RunPair& pair : runs.pairs) {
    Rankings& rankings = pairs.emplace_back(classes - first);
    for (std::size_t row = 0; row < pair.here->labels.size(); ++row) {
      for (std::size_t i = first; i < classes; ++i)
        rankings[i - first].add(pair.here->scores[row][i], pair.there->scores[row][i], pair.first + row,
                                pair.here->labels[row] == static_cast<double>(i));
    }
  }
  return swap_all(runs.examples, std::move(pairs), metric);
}

Swaps swap_label_rankings(const PairedRuns& runs, const std::string& metric, std::size_t labels) {
  const bool micro = metric.ends_with("_micro");
  std::vector<Rankings> pairs;
  for (const RunPair& pair : runs.pairs) {
    Rankings& rankings = pairs.emplace_back(micro ? 1 : labels);
    for (std::size_t row = 0; row < pair.here->real_sets.size(); ++row) {
      for (std::size_t i = 0; i < labels; ++i)
        rankings[micro ? 0 : i].add(pair.here->scores[row][i], pair.there->scores[row][i], pair.first + row,
                                    pair.here->real_sets[row][i] != 0);
    }
  }
  return swap_all(runs.examples, std::move(pairs), metric);
}

}  // namespace hiddenkey
