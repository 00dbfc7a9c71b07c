#include "support/warp_emulator.h"

#include <gtest/gtest.h>

#include <numeric>

namespace warp_emulator {
namespace {

constexpr unsigned kAll = 0xFFFFFFFFU;

/// The sum of a block's numbers in each thread's place: shuffles within a warp, shared memory between the warps.
__global__ void block_sum(const int* in, int* out) {
  __shared__ int sums[8];
  int sum = in[blockIdx.x * blockDim.x + threadIdx.x];
  for (unsigned with = 16; with > 0; with /= 2) sum += __shfl_xor_sync(kAll, sum, with);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = sum;
  __syncthreads();
  int total = 0;
  for (unsigned warp = 0; warp < blockDim.x / 32; ++warp) total += sums[warp];
  out[blockIdx.x * blockDim.x + threadIdx.x] = total;
}

TEST(WarpEmulator, SumsABlockByShufflesAndSharedMemory) {
  std::vector<int> in(512), out(512);
  std::iota(in.begin(), in.end(), 0);
  run({2, 1, 1}, 256, [&] { block_sum(in.data(), out.data()); });
  const int first = 255 * 256 / 2, second = first + 256 * 256;
  for (int i = 0; i < 512; ++i) ASSERT_EQ(out[i], i < 256 ? first : second) << i;
}

TEST(WarpEmulator, BallotsHoldOneBitALane) {
  std::vector<unsigned> votes(64);
  run({1, 1, 1}, 64, [&] { votes[threadIdx.x] = __ballot_sync(kAll, threadIdx.x % 3 == 0); });
  for (unsigned i = 0; i < 64; ++i) {
    for (unsigned lane = 0; lane < 32; ++lane) {
      ASSERT_EQ(votes[i] >> lane & 1U, (i / 32 * 32 + lane) % 3 == 0 ? 1U : 0U) << i << " " << lane;
    }
  }
}

TEST(WarpEmulator, ShufflesGiveTheValueOfTheLaneThatIsNamed) {
  std::vector<float> got(32);
  run({1, 1, 1}, 32, [&] { got[threadIdx.x] = __shfl_sync(kAll, 0.5F * static_cast<float>(threadIdx.x), 7); });
  for (const float value : got) EXPECT_EQ(value, 3.5F);
}

TEST(WarpEmulator, ThreadsThatDoNotMeetAreAnError) {
  const auto leaves_early = [] {
    if (threadIdx.x == 5) return;
    __ballot_sync(kAll, true);
  };
  EXPECT_THROW(run({1, 1, 1}, 32, leaves_early), std::logic_error);
  const auto parts = [] {
    if (threadIdx.x == 5) {
      __shfl_sync(kAll, 1, 0);
    } else {
      __ballot_sync(kAll, true);
    }
  };
  EXPECT_THROW(run({1, 1, 1}, 32, parts), std::logic_error);
  EXPECT_THROW(run({1, 1, 1}, 32, [] { __ballot_sync(1, true); }), std::logic_error);
}

}  // namespace
}  // namespace warp_emulator
