#pragma once

#include <cstddef>
#include <cstdint>

#include "score/metric.h"

namespace hiddenkey {

struct BootstrapSettings {
  std::size_t resamples = 1000;
  uint64_t seed = 12345;
};

/// How much better one system is than another by a metric.
struct PairedBootstrap {
  double difference = 0;     ///< of the second from the first, on all segments
  double low = 0, high = 0;  ///< the middle 95% of the resamples' differences
  double p_value = 1;        ///< that the one that is better on all segments is so by chance
};

/// Paired bootstrap resampling (Koehn, EMNLP 2004): segments are drawn with replacement, as many as there are, the same
/// ones for both systems. The p-value is (k + 1) / (resamples + 1), where k resamples do not have the better system
/// ahead; 1 where the two are equal. The same settings draw the same segments for each metric.
PairedBootstrap paired_bootstrap(const Metric& first, const Metric& second, std::size_t segments,
                                 const BootstrapSettings& settings);

}  // namespace hiddenkey
