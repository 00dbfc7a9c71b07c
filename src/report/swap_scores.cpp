#include <bit>
#include <cmath>

#include "core/split_mix.h"
#include "report/statistics.h"
#include "report/swaps.h"

namespace hiddenkey {
namespace {

constexpr std::size_t kSums = 3;   ///< of a run: its scores, their squares, and their products with the labels
constexpr std::size_t kBlock = 8;  ///< examples whose swaps one byte says
constexpr std::size_t kSwapped = 256;

struct Sums {
  double x = 0, xx = 0, xy = 0;
};

/// What does not change: the labels, from which the middle is taken so that the sums stay small.
struct LabelSums {
  double count = 0, middle = 0, y = 0, yy = 0;
};

LabelSums label_sums(const std::vector<double>& labels) {
  LabelSums sums{static_cast<double>(labels.size()), mean(labels)};
  for (const double label : labels) {
    const double y = label - sums.middle;
    sums.y += y;
    sums.yy += y * y;
  }
  return sums;
}

double value_of(const std::string& metric, const Sums& s, const LabelSums& l) {
  if (metric == "mse") return (s.xx - 2 * s.xy + l.yy) / l.count;
  return (l.count * s.xy - s.x * l.y) / std::sqrt((l.count * s.xx - s.x * s.x) * (l.count * l.yy - l.y * l.y));
}

/// Of both runs of each pair together, which no swap changes, and of each example what it has more here than there.
struct PairSums {
  explicit PairSums(const PairedRuns& runs) : width(kSums * runs.pairs.size()), together(width) {
    more.resize((runs.examples + kBlock - 1) / kBlock * kBlock * width);
    for (std::size_t i = 0; i < runs.pairs.size(); ++i) {
      const RunPair& pair = runs.pairs[i];
      labels.push_back(label_sums(pair.here->labels));
      for (std::size_t row = 0; row < pair.here->answers.size(); ++row) add(i, pair, row);
    }
  }

  std::size_t width;             ///< kSums for each pair
  std::vector<double> together;  ///< (width)
  std::vector<double> more;      ///< (examples, width), with zeros up to a whole block
  std::vector<LabelSums> labels;

 private:
  void add(std::size_t i, const RunPair& pair, std::size_t row) {
    const double middle = labels[i].middle, y = pair.here->labels[row] - middle;
    const double here = pair.here->answers[row] - middle, there = pair.there->answers[row] - middle;
    const double of_here[kSums] = {here, here * here, here * y}, of_there[kSums] = {there, there * there, there * y};
    for (std::size_t k = 0; k < kSums; ++k) {
      together[kSums * i + k] += of_here[k] + of_there[k];
      more[(pair.first + row) * width + kSums * i + k] = of_here[k] - of_there[k];
    }
  }
};

/// For every choice of the block's examples that are swapped, what all of them have more here than there.
void fill_table(const PairSums& sums, std::size_t block, std::vector<double>& table) {
  const double* more = sums.more.data() + block * kBlock * sums.width;
  for (std::size_t k = 0; k < sums.width; ++k) {
    table[k] = 0;
    for (std::size_t i = 0; i < kBlock; ++i) table[k] += more[i * sums.width + k];
  }
  for (std::size_t swapped = 1; swapped < kSwapped; ++swapped) {
    const std::size_t rest = swapped & (swapped - 1), example = static_cast<std::size_t>(std::countr_zero(swapped));
    for (std::size_t k = 0; k < sums.width; ++k)
      table[swapped * sums.width + k] = table[rest * sums.width + k] - 2 * more[example * sums.width + k];
  }
}

/// What a draw's sums have more here than there, a row for each; the first has no swap.
std::vector<double> drawn_sums(const PairSums& sums) {
  std::vector<double> rows((1 + kDraws) * sums.width), table(kSwapped * sums.width);
  SplitMix random(kSwapSeed);
  for (std::size_t block = 0; (block * kBlock) * sums.width < sums.more.size(); ++block) {
    fill_table(sums, block, table);
    uint64_t bits = 0;
    for (std::size_t draw = 0; draw <= kDraws; ++draw, bits >>= kBlock) {
      if (draw % (64 / kBlock) == 1) bits = random.next();
      const double* added = table.data() + (bits % kSwapped) * sums.width;
      double* row = rows.data() + draw * sums.width;
      for (std::size_t k = 0; k < sums.width; ++k) row[k] += added[k];
    }
  }
  return rows;
}

}  // namespace

Swaps swap_scores(const PairedRuns& runs, const std::string& metric) {
  const PairSums sums(runs);
  const std::vector<double> rows = drawn_sums(sums);
  const auto difference = [&](const double* more) {
    double sum = 0;
    for (std::size_t i = 0; i < sums.labels.size(); ++i) {
      const double* both = sums.together.data() + kSums * i;
      const double* extra = more + kSums * i;
      const Sums here{(both[0] + extra[0]) / 2, (both[1] + extra[1]) / 2, (both[2] + extra[2]) / 2};
      const Sums there{(both[0] - extra[0]) / 2, (both[1] - extra[1]) / 2, (both[2] - extra[2]) / 2};
      sum += value_of(metric, here, sums.labels[i]) - value_of(metric, there, sums.labels[i]);
    }
    return sum / static_cast<double>(sums.labels.size());
  };
  Swaps swaps;
  swaps.observed = difference(rows.data());
  for (std::size_t draw = 1; draw <= kDraws; ++draw) swaps.drawn.push_back(difference(rows.data() + draw * sums.width));
  return swaps;
}

}  // namespace hiddenkey
