#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace hiddenkey {

/// A step of SplitMix64 and its finalizer: every bit of the input changes half of the output's.
inline uint64_t mix_bits(uint64_t value) {
  value += 0x9E3779B97F4A7C15U;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). The standard library's distributions differ between
/// implementations; what a resumed run or another machine must repeat may not.
class SplitMix {
 public:
  explicit SplitMix(uint64_t state) : state_(state) {}

  uint64_t next() {
    const uint64_t value = mix_bits(state_);
    state_ += 0x9E3779B97F4A7C15U;
    return value;
  }

  /// Below `bound`, without bias.
  uint64_t below(uint64_t bound) {
    const uint64_t rest = (0 - bound) % bound;
    uint64_t value = next();
    while (value < rest) value = next();
    return value % bound;
  }

 private:
  uint64_t state_;
};

/// Fisher and Yates.
template <class T>
void shuffle(std::vector<T>& items, SplitMix& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

}  // namespace hiddenkey
