#include "core/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hiddenkey {
namespace {

using testing::HasSubstr;

TEST(ProgressLine, SaysHowFarHowLongAndWhat) {
  const ProgressState state{95, 230, 12.4, 3725.0, "loss 0.6931"};
  EXPECT_EQ(progress_line(state, 100, false),
            "[############..................] 41%  0:12 (1:02:05 left)  95/230 loss 0.6931");
  EXPECT_EQ(progress_line({0, 230, 0, std::nullopt, ""}, 100, false),
            "[..............................] 0%  0:00  0/230");
}

TEST(ProgressLine, GivesTheBarUpBeforeTheTextAndCutsTheText) {
  const ProgressState state{95, 230, 12.4, 31.0, "loss 0.6931"};
  EXPECT_EQ(progress_line(state, 54, false), "[####......] 41%  0:12 (0:31 left)  95/230 loss 0.6931");
  EXPECT_EQ(progress_line(state, 45, false), "41%  0:12 (0:31 left)  95/230 loss 0.6931");
  EXPECT_EQ(progress_line(state, 10, false), "41%  0:12 ");
}

TEST(ProgressLine, ColoursTheBarAlone) {
  EXPECT_THAT(progress_line({1, 2, 0, std::nullopt, ""}, 30, true), HasSubstr("[\033[32m"));
  EXPECT_THAT(progress_line({1, 2, 0, std::nullopt, ""}, 8, true), testing::Not(HasSubstr("\033")));
}

TEST(ProgressLine, IsWholeOnlyAtTheEnd) {
  EXPECT_THAT(progress_line({229, 230, 1, std::nullopt, ""}, 100, false), HasSubstr(" 99%"));
  EXPECT_THAT(progress_line({230, 230, 1, std::nullopt, ""}, 100, false), HasSubstr("] 100%"));
}

}  // namespace
}  // namespace hiddenkey
