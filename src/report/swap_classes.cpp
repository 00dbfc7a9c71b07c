#include <bit>
#include <map>

#include "core/split_mix.h"
#include "report/swaps.h"
#include "score/class_tally.h"

namespace hiddenkey {
namespace {

/// What a swapped example changes in the counts of one pair of runs.
struct Move {
  std::size_t pair = 0, label = 0, here = 0, there = 0;
  auto operator<=>(const Move&) const = default;  // NOLINT(modernize-use-nullptr): a false alarm
};

/// Examples that change the same are one kind, of which only the number counts that are swapped.
using Kinds = std::map<std::vector<Move>, std::size_t>;

std::vector<int> classes_of(const std::vector<double>& numbers) { return {numbers.begin(), numbers.end()}; }

Kinds kinds_of(const PairedRuns& runs) {
  std::vector<std::vector<Move>> moves(runs.examples);
  for (std::size_t i = 0; i < runs.pairs.size(); ++i) {
    const RunPair& pair = runs.pairs[i];
    for (std::size_t row = 0; row < pair.here->answers.size(); ++row) {
      const double label = pair.here->labels[row], here = pair.here->answers[row], there = pair.there->answers[row];
      if (here == there) continue;
      moves[pair.first + row].push_back(
          {i, static_cast<std::size_t>(label), static_cast<std::size_t>(here), static_cast<std::size_t>(there)});
    }
  }
  Kinds kinds;
  for (std::vector<Move>& of_one : moves) {
    if (!of_one.empty()) ++kinds[std::move(of_one)];
  }
  return kinds;
}

/// Heads of so many coins.
std::size_t heads(std::size_t coins, SplitMix& random) {
  std::size_t count = 0;
  for (; coins >= 64; coins -= 64) count += static_cast<std::size_t>(std::popcount(random.next()));
  if (coins > 0) count += static_cast<std::size_t>(std::popcount(random.next() >> (64 - coins)));
  return count;
}

/// `count` predictions of an example of this label are `to` and no longer `from`.
void change(ClassTally& tally, std::size_t label, std::size_t from, std::size_t to, double count) {
  tally.of[from].predicted -= count;
  tally.of[to].predicted += count;
  tally.of[label].hits += count * ((to == label ? 1 : 0) - (from == label ? 1 : 0));
}

struct TallyPair {
  ClassTally here, there;
};

}  // namespace

Swaps swap_classes(const PairedRuns& runs, const std::string& metric, std::size_t classes) {
  std::vector<TallyPair> pairs;
  for (const RunPair& pair : runs.pairs) {
    const std::vector<int> labels = classes_of(pair.here->labels);
    pairs.push_back({ClassTally(classes_of(pair.here->answers), labels, classes),
                     ClassTally(classes_of(pair.there->answers), labels, classes)});
  }
  const auto difference = [&](const std::vector<TallyPair>& tallies) {
    double sum = 0;
    for (const TallyPair& pair : tallies)
      sum += class_metric(metric, pair.here, classes) - class_metric(metric, pair.there, classes);
    return sum / static_cast<double>(tallies.size());
  };
  Swaps swaps;
  swaps.observed = difference(pairs);
  const Kinds kinds = kinds_of(runs);
  SplitMix random(kSwapSeed);
  std::vector<TallyPair> swapped;
  for (std::size_t draw = 0; draw < kDraws; ++draw) {
    swapped = pairs;
    for (const auto& [moves, examples] : kinds) {
      const auto count = static_cast<double>(heads(examples, random));
      for (const Move& move : moves) {
        change(swapped[move.pair].here, move.label, move.here, move.there, count);
        change(swapped[move.pair].there, move.label, move.there, move.here, count);
      }
    }
    swaps.drawn.push_back(difference(swapped));
  }
  return swaps;
}

}  // namespace hiddenkey
