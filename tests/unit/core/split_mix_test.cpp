#include "core/split_mix.h"

#include <gtest/gtest.h>

namespace hiddenkey {
namespace {

// The published sequence of the seed 1234567.
TEST(SplitMix, GivesThePublishedSequence) {
  SplitMix random(1234567);
  for (const uint64_t expected :
       {6457827717110365317U, 3203168211198807973U, 9817491932198370423U, 4593380528125082431U}) {
    EXPECT_EQ(random.next(), expected);
  }
}

TEST(SplitMix, StaysBelowItsBoundAndReachesAll) {
  SplitMix random(1);
  bool seen[3] = {false, false, false};
  for (int i = 0; i < 100; ++i) {
    const uint64_t value = random.below(3);
    ASSERT_LT(value, 3U);
    seen[value] = true;
  }
  EXPECT_TRUE(seen[0] && seen[1] && seen[2]);
}

}  // namespace
}  // namespace hiddenkey
