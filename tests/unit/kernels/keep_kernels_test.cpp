#include <gtest/gtest.h>

#include <limits>

#include "kernels/cpu/keep_masks.h"
#include "kernels/cuda/keep_masks.h"
#include "kernels/philox.h"
#include "kernels/reference/keep_masks.h"
#include "support/emulated_keep_masks.h"

// The kernels' own source, run on the CPU by the emulator of warps, against what the CPU computes: equal to the last
// bit.
namespace hiddenkey::cuda {
namespace {

constexpr double kNearlyOne = 1 - std::numeric_limits<double>::epsilon();
constexpr std::array<double, 4> kRates = {0.0, 0.1, 0.5, kNearlyOne};
constexpr uint64_t kKey = 0x0123456789abcdefU;

class KeepKernels : public ::testing::Test {
 protected:
  KeepMasks kernels{std::make_unique<EmulatedKeepMasks>()};

  void expect_keep(int64_t count, int64_t first, double rate) {
    // A guard on both sides shows a write outside.
    at::Tensor around = at::zeros({count + 16}, at::kByte).fill_(2);
    at::Tensor keep = around.narrow(0, 8, count).view(at::kBool);
    kernels.draw_keep(kKey, first, rate, keep);
    std::vector<uint8_t> expected(static_cast<std::size_t>(count));
    draw_keep(kKey, first, count, rate, expected.data());
    const uint8_t* got = around.const_data_ptr<uint8_t>();
    for (int64_t i = 0; i < count; ++i) {
      ASSERT_EQ(got[8 + i], expected[static_cast<std::size_t>(i)])
          << count << " numbers from " << first << " at " << rate << ": " << i;
    }
    for (int64_t i = 0; i < 8; ++i) ASSERT_TRUE(got[i] == 2 && got[8 + count + i] == 2) << count << " from " << first;
  }
};

TEST_F(KeepKernels, DrawTheCpusKeepBytes) {
  for (const double rate : kRates) {
    for (const int64_t count : {1, 2, 31, 32, 33, 127, 128, 129, 1000}) {
      for (const int64_t first : {0, 1, 4, 31, 32, 33, 1000003}) expect_keep(count, first, rate);
    }
  }
  for (const int64_t first : {0, 45}) expect_keep(100003, first, 0.1);
  // Counters beyond 32 bits.
  expect_keep(300, (int64_t{1} << 37) - 100, 0.5);
}

TEST_F(KeepKernels, ANumberAtTheThresholdIsKept) {
  const double word = philox({0, 0, 0, 0}, {static_cast<uint32_t>(kKey), static_cast<uint32_t>(kKey >> 32)})[0];
  at::Tensor keep = at::empty({1}, at::kBool);
  kernels.draw_keep(kKey, 0, word / 4294967296.0, keep);
  EXPECT_TRUE(keep.item<bool>());
  kernels.draw_keep(kKey, 0, (word + 1) / 4294967296.0, keep);
  EXPECT_FALSE(keep.item<bool>());
}

TEST_F(KeepKernels, MoreNumbersThanTheLargestGridHasLanesAreDrawnInTurns) {
  constexpr int64_t kCount = int64_t{4096} * 256 * 4 + 77;
  at::Tensor keep = at::empty({kCount}, at::kBool), expected = at::empty({kCount}, at::kBool);
  kernels.draw_keep(kKey, 0, 0.1, keep);
  cpu::draw_keep(kKey, 0.1, expected);
  EXPECT_TRUE(keep.equal(expected));
}

TEST_F(KeepKernels, DrawTheCpusUniformNumbers) {
  for (const int64_t count : {1, 31, 33, 100003}) {
    for (const int64_t first : {0, 5, 33}) {
      at::Tensor uniform = at::full({count}, -1.0F), expected = at::empty({count});
      kernels.draw_uniform(kKey, first, uniform);
      draw_uniform(kKey, first, count, expected.data_ptr<float>());
      EXPECT_TRUE(uniform.equal(expected)) << count << " from " << first;
    }
  }
}

TEST_F(KeepKernels, MixAKeyThatLiesOnTheDevice) {
  at::Tensor draw = at::tensor({int64_t{-5}, int64_t{12345}, int64_t{2}, int64_t{1}});
  for (int64_t step = 0; step < 3; ++step) {
    draw[1] = step;
    const MaskKey key(draw, 7, 16);
    at::Tensor uniform = at::empty({33}), expected = at::empty({33});
    kernels.draw_uniform(key, 0, uniform);
    cpu::draw_uniform(mix_mask_key(static_cast<uint64_t>(-5), step, 2, 1, 7, 16), expected);
    EXPECT_TRUE(uniform.equal(expected)) << step;
  }
}

PackedSequences sequences_of(const std::vector<int64_t>& lengths) {
  std::vector<int64_t> sequence, position, first;
  for (std::size_t b = 0; b < lengths.size(); ++b) {
    first.push_back(static_cast<int64_t>(sequence.size()));
    for (int64_t i = 0; i < lengths[b]; ++i) {
      sequence.push_back(static_cast<int64_t>(b));
      position.push_back(i);
    }
  }
  return {at::tensor(sequence), at::tensor(position), at::tensor(first), at::tensor(lengths)};
}

const std::vector<std::vector<int64_t>> kPacks = {
    {1}, {1, 1, 1}, {5, 1, 12}, {31, 32, 33, 1, 200}, {5, 15, 25, 35, 45}};

TEST_F(KeepKernels, DropTheReferencesSpans) {
  // At 0.1, lengths of 5, 15, 25 .. lie halfway between two spans: the even one is taken.
  for (const double rate : {0.0, 0.1, 0.3, 0.5, kNearlyOne}) {
    for (const auto& lengths : kPacks) {
      for (const int64_t draws : {1, 12}) {
        const PackedSequences sequences = sequences_of(lengths);
        at::Tensor uniform_RB = at::empty({draws, sequences.length_B.numel()});
        cpu::draw_uniform(kKey, uniform_RB);
        EXPECT_TRUE(kernels.draw_span_keep(kKey, draws, rate, sequences)
                        .equal(reference::span_keep(uniform_RB, rate, sequences)))
            << rate << " " << at::IntArrayRef(lengths) << " " << draws;
      }
    }
  }
}

TEST_F(KeepKernels, GiveBackTheFirstRowWhereAllAreLost) {
  for (const double rate : {0.0, 0.5, 0.9, kNearlyOne}) {
    for (const auto& lengths : kPacks) {
      for (const int64_t heads : {1, 12}) {
        const PackedSequences sequences = sequences_of(lengths);
        at::Tensor keep_HN = at::empty({heads, sequences.sequence_N.numel()}, at::kBool);
        cpu::draw_keep(kKey, rate, keep_HN);
        at::Tensor expected = keep_HN.clone();
        reference::keep_first_where_all_lost(expected, sequences);
        kernels.keep_first_where_all_lost(keep_HN, sequences);
        EXPECT_TRUE(keep_HN.equal(expected)) << rate << " " << at::IntArrayRef(lengths) << " " << heads;
      }
    }
  }
}

/// Random bits, so that all exponents, both zeros, infinities and numbers that are none come along.
at::Tensor any_bits(int64_t rows, int64_t width, at::ScalarType type) {
  at::manual_seed(3);
  if (type == at::kBFloat16) return at::randint(-32768, 32768, {rows, width}, at::kShort).view(at::kBFloat16);
  return at::randint(-(int64_t{1} << 31), int64_t{1} << 31, {rows, width}, at::kInt).view(at::kFloat);
}

/// Equal to the bit, but for the sign of zeros and the payload of what is no number.
bool same_numbers(const at::Tensor& a, const at::Tensor& b) {
  return a.isnan().equal(b.isnan()) && a.nan_to_num(0, 1e38, -1e38).equal(b.nan_to_num(0, 1e38, -1e38)) &&
         a.isinf().equal(b.isinf());
}

/// ATen multiplies what is dropped by 0, and so keeps what is no finite number; the kernels write 0.
at::Tensor expected_scaled(const at::Tensor& in, const UnitMask& mask) {
  const at::Tensor keep = reference::scale_kept(at::ones_like(in, at::kFloat), mask).ne(0);
  return at::where(keep, reference::scale_kept(in, mask), at::zeros({}, in.options()));
}

TEST_F(KeepKernels, ScaleWhatIsKeptLikeAten) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    for (const double rate : kRates) {
      for (const int64_t width : {1, 31, 33, 128, 260}) {
        for (const bool picked : {false, true}) {
          // Five passes are more than one launch takes.
          UnitMask mask{{kKey, std::nullopt, uint64_t{1}, uint64_t{2}, uint64_t{3}}, {}, 37, rate};
          if (picked) mask.row_P = at::tensor({int64_t{36}, int64_t{0}, int64_t{5}});
          const at::Tensor in = any_bits(5 * (picked ? 3 : 37), width, type);
          at::Tensor out = at::empty_like(in);
          kernels.scale_kept(in, mask, out);
          EXPECT_TRUE(same_numbers(out, expected_scaled(in, mask)))
              << type << " " << rate << " " << width << " " << picked;
        }
      }
    }
  }
}

TEST_F(KeepKernels, ScaleAnOddPlaceInMemory) {
  const at::Tensor in = any_bits(1, 1001, at::kFloat).view(-1).narrow(0, 1, 1000).view({10, 100});
  at::Tensor out = at::empty({1001}).narrow(0, 1, 1000).view({10, 100});
  const UnitMask mask{{kKey}, {}, 10, 0.3};
  kernels.scale_kept(in, mask, out);
  EXPECT_TRUE(same_numbers(out, expected_scaled(in, mask)));
}

TEST_F(KeepKernels, RoundBfloat16AsAtenDoes) {
  const at::Tensor all = at::arange(-32768, 32768, at::kInt).to(at::kShort).view(at::kBFloat16).view({256, 256});
  // A third scales by 1.5: many products then lie halfway between two bfloat16.
  for (const double rate : {0.05, 0.1, 1.0 / 3, 0.5}) {
    const UnitMask mask{{kKey}, {}, 256, rate};
    at::Tensor out = at::empty_like(all);
    kernels.scale_kept(all, mask, out);
    EXPECT_TRUE(same_numbers(out, expected_scaled(all, mask))) << rate;
  }
  BFloat16 rounded{};
  store_as(__uint_as_float(0x7FFFFFFF), rounded);  // what a GPU computes where there is no number
  EXPECT_TRUE(std::isnan(to_float(rounded)));
}

TEST_F(KeepKernels, EmptyTensorsLaunchNothing) {
  at::Tensor keep = at::empty({0}, at::kBool), uniform = at::empty({0}), in = at::empty({0, 8}), out = in.clone();
  kernels.draw_keep(kKey, 0, 0.5, keep);
  kernels.draw_uniform(kKey, 0, uniform);
  kernels.scale_kept(in, {{kKey}, {}, 0, 0.5}, out);
}

}  // namespace
}  // namespace hiddenkey::cuda
