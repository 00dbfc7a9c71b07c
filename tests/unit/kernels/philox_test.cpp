#include "kernels/philox.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace hiddenkey {
namespace {

// The known answers that Random123 (the authors' own library) publishes for philox4x32 with 10 rounds.
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, StreamIsMadeOfThoseBlocks) {
  std::vector<float> uniform(64);
  const uint64_t key = 0x299f31d0a4093822U;
  draw_uniform(key, 0, 64, uniform.data());
  for (uint32_t n = 0; n < 64; ++n) {
    const PhiloxBlock block = philox({n / 32 * 8 + n % 8, 0, 0, 0}, {0xa4093822, 0x299f31d0});
    EXPECT_EQ(uniform[n], static_cast<float>(block[n / 8 % 4] >> 8) * 0x1p-24F);
  }
}

TEST(Philox, AnyPartOfAStreamCanBeDrawnAlone) {
  std::vector<uint8_t> whole(1000), part(1000);
  draw_keep(7, 0, 1000, 0.3, whole.data());
  for (const int64_t first : {1, 31, 32, 33, 500, 999}) {
    draw_keep(7, first, 1000 - first, 0.3, part.data());
    EXPECT_TRUE(std::equal(whole.begin() + first, whole.end(), part.begin())) << first;
  }
}

TEST(Philox, DropsTheAskedShare) {
  constexpr int64_t kCount = 1 << 20;
  std::vector<uint8_t> keep(kCount);
  for (const double rate : {0.0, 0.01, 0.1, 0.5, 0.99}) {
    draw_keep(11, 0, kCount, rate, keep.data());
    double kept = 0;
    for (const uint8_t unit : keep) kept += unit;
    // Five standard deviations of a binomial share.
    EXPECT_NEAR(kept / kCount, 1 - rate, 5 * std::sqrt(rate * (1 - rate) / kCount)) << rate;
  }
}

TEST(Philox, ScaleKeptAppliesTheMaskThatDrawKeepDraws) {
  std::vector<float> values(777, 2.0F), out(777);
  std::vector<uint8_t> keep(777);
  draw_keep(5, 100, 777, 0.25, keep.data());
  scale_kept(5, 100, 777, 0.25, values.data(), out.data());
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_FLOAT_EQ(out[i], keep[i] != 0 ? 2.0F / 0.75F : 0.0F);
}

}  // namespace
}  // namespace hiddenkey
