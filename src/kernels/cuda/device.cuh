// What every kernel starts from: Philox as kernels/philox.cpp lays it out, the key of a mask, bfloat16.
//
// A kernel's source is compiled on the user's machine by NVRTC, which has no header of C++ or CUDA to offer; so nothing
// is included here but files beside this one. The tests compile the same text with g++ and run it on the CPU.
#pragma once

#include "arguments.cuh"

namespace hiddenkey::cuda {

constexpr unsigned kWarpSize = 32, kWholeWarp = 0xFFFFFFFFU;

struct DeviceBlock {
  uint32_t word[4];
};

/// One block of Philox4x32-10 for a counter below 2^64.
__device__ inline DeviceBlock philox_block(uint64_t key, uint64_t counter) {
  uint32_t c0 = static_cast<uint32_t>(counter), c1 = static_cast<uint32_t>(counter >> 32), c2 = 0, c3 = 0;
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = uint64_t{0xD2511F53U} * c0, product1 = uint64_t{0xCD9E8D57U} * c2;
    c0 = static_cast<uint32_t>(product1 >> 32) ^ c1 ^ k0;
    c1 = static_cast<uint32_t>(product1);
    c2 = static_cast<uint32_t>(product0 >> 32) ^ c3 ^ k1;
    c3 = static_cast<uint32_t>(product0);
    k0 += 0x9E3779B9U;
    k1 += 0xBB67AE85U;
  }
  return {{c0, c1, c2, c3}};
}

/// One of four values, without an array that a register cannot index.
__device__ inline uint32_t choose(unsigned which, uint32_t v0, uint32_t v1, uint32_t v2, uint32_t v3) {
  return which < 2 ? (which == 0 ? v0 : v1) : (which == 2 ? v2 : v3);
}

/// Number n of a stream is word (n / 8) % 4 of the block whose counter is (n / 32) * 8 + n % 8.
__device__ inline uint32_t stream_number(uint64_t key, uint64_t n) {
  const DeviceBlock block = philox_block(key, n / 32 * 8 + n % 8);
  return choose(n / 8 % 4, block.word[0], block.word[1], block.word[2], block.word[3]);
}

__device__ inline float uniform_number(uint64_t key, uint64_t n) {
  return static_cast<float>(stream_number(key, n) >> 8) * 0x1p-24F;
}

/// The whole warp draws the 128 numbers from `first`, a multiple of 32, and each lane is told which of its four
/// neighbours first + 4 * lane + {0, 1, 2, 3} are kept: bits 0 to 3 of the result.
///
/// The four words of a block are numbers that lie eight apart, while memory is fastest where a thread touches
/// neighbours. So each lane computes one block, and the warp exchanges what it has drawn by four ballots: bit
/// 8 * group + column of ballot w belongs to number 32 * group + 8 * w + column.
__device__ inline unsigned kept_neighbours(uint64_t key, uint64_t first, uint32_t threshold) {
  const unsigned lane = threadIdx.x % kWarpSize, group = lane / 8, column = lane % 8;
  const DeviceBlock block = philox_block(key, (first / 32 + group) * 8 + column);
  const uint32_t kept0 = __ballot_sync(kWholeWarp, block.word[0] >= threshold);
  const uint32_t kept1 = __ballot_sync(kWholeWarp, block.word[1] >= threshold);
  const uint32_t kept2 = __ballot_sync(kWholeWarp, block.word[2] >= threshold);
  const uint32_t kept3 = __ballot_sync(kWholeWarp, block.word[3] >= threshold);
  const uint32_t kept = choose(column / 2, kept0, kept1, kept2, kept3);
  return kept >> (8 * group + 4 * (column % 2)) & 15U;
}

/// The finalizer of SplitMix64 and its chain over a mask's address, as kernels/mask_key.cpp has them.
__device__ inline uint64_t mix(uint64_t value) {
  value += 0x9E3779B97F4A7C15U;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

__device__ inline uint64_t stream_key(const KeyArgument& key) {
  if (key.draw == nullptr) return key.value;
  uint64_t mixed = mix(static_cast<uint64_t>(key.draw[0]));
  for (int i = 1; i < 4; ++i) mixed = mix(mixed ^ static_cast<uint64_t>(key.draw[i]));
  return mix(mix(mixed ^ static_cast<uint64_t>(key.layer)) ^ static_cast<uint64_t>(key.position));
}

/// A bfloat16 in memory: the upper half of a float32.
struct BFloat16 {
  uint16_t bits;
};

__device__ inline float to_float(float value) { return value; }
__device__ inline float to_float(BFloat16 value) { return __uint_as_float(static_cast<uint32_t>(value.bits) << 16); }

__device__ inline void store_as(float value, float& out) { out = value; }

/// Rounds to the nearest, and halfway to the even one, as ATen does.
__device__ inline void store_as(float value, BFloat16& out) {
  const uint32_t bits = __float_as_uint(value), to_even = 0x7FFFU + (bits >> 16 & 1U);
  out.bits = static_cast<uint16_t>(value != value ? 0x7FC0U : (bits + to_even) >> 16);
}

/// Four neighbours that are read at once.
template <class T>
struct alignas(4 * sizeof(T)) Four {
  T part[4];
};

template <class T>
__device__ inline bool is_aligned_for_four(const T* place) {
  return reinterpret_cast<uint64_t>(place) % sizeof(Four<T>) == 0;
}

template <class T>
__device__ inline Four<T> load_four(const T* place) {
  return *reinterpret_cast<const Four<T>*>(place);
}

// A struct of ours is taken apart when it is stored; the compiler's own vectors of 4, 8 and 16 bytes are not.
__device__ inline uchar4 vector_of_four(uint8_t) { return {}; }
__device__ inline uint2 vector_of_four(BFloat16) { return {}; }
__device__ inline float4 vector_of_four(float) { return {}; }

template <class T>
__device__ inline void store_four(const Four<T>& four, T* place) {
  using Vector = decltype(vector_of_four(T{}));
  *reinterpret_cast<Vector*>(place) = *reinterpret_cast<const Vector*>(&four);
}

}  // namespace hiddenkey::cuda
