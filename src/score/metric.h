#pragma once

#include <cstddef>
#include <functional>
#include <numeric>
#include <span>
#include <string>
#include <vector>

/// Metrics of generated text. Nothing here knows a tensor or a model.
namespace hiddenkey {

/// One thing that a system was asked to say: its text, and what people wrote for it.
struct Segment {
  std::string hypothesis;
  std::vector<std::string> references;  ///< at least one
  std::string group;                    ///< WebNLG: "seen" or "unseen"; otherwise empty
  std::size_t missing_references = 0;   ///< empty lines among its lines of parallel files, which some scripts count
};

/// One metric of one system, prepared for a corpus. What a metric takes from the whole test set (document frequencies,
/// information weights) is fixed when it is prepared, so that a resample can be scored from the segments' statistics.
struct Metric {
  std::string name;  ///< "BLEU", as tables print it
  bool smaller_is_better = false;
  std::string note;  ///< what a reader has to know of the figure; mostly empty
  /// The metric over these segments, by their numbers; a number may stand more than once.
  std::function<double(std::span<const std::size_t> segments)> over;
};

/// The numbers of `count` segments, each once.
inline std::vector<std::size_t> all_segments(std::size_t count) {
  std::vector<std::size_t> all(count);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

}  // namespace hiddenkey
