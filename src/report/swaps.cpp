#include "report/swaps.h"

#include <algorithm>
#include <cmath>

#include "core/split_mix.h"
#include "score/metric.h"

namespace hiddenkey {
namespace {

/// One text after the other of both systems; a draw takes from each place one of the two.
struct MixedTexts {
  Metric metric;
  std::size_t first = 0, count = 0;

  /// Of the texts that stand here once these examples are swapped, or there.
  double value(const std::vector<uint8_t>& swapped, bool there, std::vector<std::size_t>& numbers) const {
    numbers.resize(count);
    for (std::size_t i = 0; i < count; ++i) numbers[i] = (swapped[first + i] != 0) == there ? i : count + i;
    return metric.over(numbers);
  }
};

MixedTexts mixed_texts(const RunPair& pair, const TextMetric& metric) {
  std::vector<Segment> both = pair.here->segments;
  both.insert(both.end(), pair.there->segments.begin(), pair.there->segments.end());
  return {metric(both), pair.first, pair.here->segments.size()};
}

}  // namespace

double two_sided_p(const Swaps& swaps) {
  // Draws that are equal but for the order of their sums are equal.
  constexpr double kRounding = 1e-11;
  const double size = std::abs(swaps.observed) - kRounding;
  const auto far =
      std::count_if(swaps.drawn.begin(), swaps.drawn.end(), [size](double drawn) { return !(std::abs(drawn) < size); });
  return static_cast<double>(1 + far) / static_cast<double>(1 + swaps.drawn.size());
}

Swaps swap_each(std::size_t examples, const std::function<double(const std::vector<uint8_t>& swapped)>& difference) {
  std::vector<uint8_t> swapped(examples, 0);
  Swaps swaps;
  swaps.observed = difference(swapped);
  SplitMix random(kSwapSeed);
  for (std::size_t draw = 0; draw < kSlowDraws; ++draw) {
    uint64_t bits = 0;
    for (std::size_t i = 0; i < examples; ++i, bits >>= 1) {
      if (i % 64 == 0) bits = random.next();
      swapped[i] = bits & 1;
    }
    swaps.drawn.push_back(difference(swapped));
  }
  return swaps;
}

Swaps swap_texts(const PairedRuns& runs, const TextMetric& metric) {
  std::vector<MixedTexts> pairs;
  for (const RunPair& pair : runs.pairs) pairs.push_back(mixed_texts(pair, metric));
  std::vector<std::size_t> numbers;
  return swap_each(runs.examples, [&](const std::vector<uint8_t>& swapped) {
    double sum = 0;
    for (const MixedTexts& pair : pairs)
      sum += pair.value(swapped, false, numbers) - pair.value(swapped, true, numbers);
    return sum / static_cast<double>(pairs.size());
  });
}

}  // namespace hiddenkey
