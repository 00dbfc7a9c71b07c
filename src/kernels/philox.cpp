#include "kernels/philox.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/vector_clones.h"

// g++ 12 takes a vector store of the whole block for a read of its unwritten part.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

namespace hiddenkey {
namespace {

constexpr uint32_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
constexpr int kRounds = 10;

HIDDENKEY_INLINE void philox_round(uint32_t& c0, uint32_t& c1, uint32_t& c2, uint32_t& c3, uint32_t k0, uint32_t k1) {
  const uint64_t product0 = uint64_t{kMultiplier0} * c0;
  const uint64_t product1 = uint64_t{kMultiplier1} * c2;
  c0 = static_cast<uint32_t>(product1 >> 32) ^ c1 ^ k0;
  c1 = static_cast<uint32_t>(product1);
  c2 = static_cast<uint32_t>(product0 >> 32) ^ c3 ^ k1;
  c3 = static_cast<uint32_t>(product0);
}

/// Blocks are drawn kLanes at a time. Each lane is 64 bits wide although it holds 32: products need no shuffles.
/// Number n of a stream is word (n / kLanes) % 4 of the block whose counter is (n / kGroup) * kLanes + n % kLanes.
constexpr int kLanes = 8;
constexpr int64_t kGroup = 4 * kLanes;
using Lanes = uint64_t __attribute__((vector_size(8 * kLanes)));

HIDDENKEY_INLINE void store(const Lanes& lanes, uint32_t* out) {
  for (int lane = 0; lane < kLanes; ++lane) out[lane] = static_cast<uint32_t>(lanes[lane]);
}

HIDDENKEY_INLINE void draw_group(uint64_t key, uint64_t group, uint32_t* out) {
  const Lanes counter = group * kLanes + Lanes{0, 1, 2, 3, 4, 5, 6, 7};
  const Lanes low = Lanes{} + 0xFFFFFFFFU;
  Lanes c0 = counter & low, c1 = counter >> 32, c2{}, c3{};
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < kRounds; ++round) {
    const Lanes product0 = (c0 & low) * uint64_t{kMultiplier0};
    const Lanes product1 = (c2 & low) * uint64_t{kMultiplier1};
    c0 = (product1 >> 32) ^ c1 ^ uint64_t { k0 };
    c1 = product1 & low;
    c2 = (product0 >> 32) ^ c3 ^ uint64_t { k1 };
    c3 = product0 & low;
    k0 += kWeyl0;
    k1 += kWeyl1;
  }
  store(c0, out);
  store(c1, out + kLanes);
  store(c2, out + 2 * kLanes);
  store(c3, out + 3 * kLanes);
}

/// Calls use(words, begin, size): `size` numbers of the stream, the first of them at place `begin` of the output.
template <class Use>
HIDDENKEY_INLINE void for_each_group(uint64_t key, int64_t first, int64_t count, const Use& use) {
  uint32_t words[kGroup];
  int64_t done = 0;
  while (done < count) {
    const int64_t number = first + done;
    const int64_t skip = number % kGroup;
    const int64_t size = std::min(kGroup - skip, count - done);
    draw_group(key, static_cast<uint64_t>(number / kGroup), words);
    use(words + skip, done, size);
    done += size;
  }
}

}  // namespace

PhiloxBlock philox(PhiloxBlock c, std::array<uint32_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    philox_round(c[0], c[1], c[2], c[3], key[0], key[1]);
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return c;
}

uint32_t drop_threshold(double rate) {
  return static_cast<uint32_t>(std::min(std::round(rate * 4294967296.0), 4294967295.0));
}

HIDDENKEY_VECTOR_CLONES
void draw_keep(uint64_t key, int64_t first, int64_t count, double rate, uint8_t* keep) {
  const uint32_t threshold = drop_threshold(rate);
  for_each_group(key, first, count, [&](const uint32_t* words, int64_t begin, int64_t size) {
    for (int64_t i = 0; i < size; ++i) keep[begin + i] = words[i] >= threshold;
  });
}

HIDDENKEY_VECTOR_CLONES
void draw_uniform(uint64_t key, int64_t first, int64_t count, float* out) {
  for_each_group(key, first, count, [&](const uint32_t* words, int64_t begin, int64_t size) {
    for (int64_t i = 0; i < size; ++i) out[begin + i] = static_cast<float>(words[i] >> 8) * 0x1p-24F;
  });
}

HIDDENKEY_VECTOR_CLONES
void scale_kept(uint64_t key, int64_t first, int64_t count, double rate, const float* in, float* out) {
  const uint32_t threshold = drop_threshold(rate);
  const float scale = static_cast<float>(1.0 / (1.0 - rate));
  for_each_group(key, first, count, [&](const uint32_t* words, int64_t begin, int64_t size) {
    for (int64_t i = 0; i < size; ++i) out[begin + i] = words[i] >= threshold ? in[begin + i] * scale : 0.0F;
  });
}

}  // namespace hiddenkey
