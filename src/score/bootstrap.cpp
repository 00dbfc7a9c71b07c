#include "score/bootstrap.h"

#include <algorithm>
#include <cmath>

#include "core/split_mix.h"

namespace hiddenkey {
namespace {

/// A quantile of sorted values, by the nearest rank.
double quantile(const std::vector<double>& sorted, double fraction) {
  return sorted[static_cast<std::size_t>(std::lround(fraction * static_cast<double>(sorted.size() - 1)))];
}

}  // namespace

PairedBootstrap paired_bootstrap(const Metric& first, const Metric& second, std::size_t segments,
                                 const BootstrapSettings& settings) {
  std::vector<std::size_t> drawn = all_segments(segments);
  PairedBootstrap result;
  result.difference = second.over(drawn) - first.over(drawn);
  result.low = result.high = result.difference;
  if (settings.resamples == 0 || segments == 0) return result;

  SplitMix random(settings.seed);
  std::vector<double> differences;
  std::size_t not_ahead = 0;
  for (std::size_t i = 0; i < settings.resamples; ++i) {
    for (std::size_t& segment : drawn) segment = random.below(segments);
    const double difference = second.over(drawn) - first.over(drawn);
    differences.push_back(difference);
    if (difference * result.difference <= 0) ++not_ahead;
  }
  std::sort(differences.begin(), differences.end());
  result.low = quantile(differences, 0.025);
  result.high = quantile(differences, 0.975);
  result.p_value = static_cast<double>(not_ahead + 1) / static_cast<double>(settings.resamples + 1);
  return result;
}

}  // namespace hiddenkey
