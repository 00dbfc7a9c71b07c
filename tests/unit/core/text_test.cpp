#include "core/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace hiddenkey {
namespace {

using Names = std::vector<std::string>;

TEST(Text, CatStreamsEverythingInOrder) {
  EXPECT_EQ(cat("layer ", 3, " of ", 'x', " at ", 0.5), "layer 3 of x at 0.5");
}

TEST(Text, SplitKeepsEmptyFieldsAndJoinPutsThemBack) {
  EXPECT_EQ(split("a\t\tb\t", '\t'), (Names{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), Names{""});
  EXPECT_EQ(join(split("a,b,,c", ','), ","), "a,b,,c");
  EXPECT_EQ(join({}, ", "), "");
}

TEST(Text, NearestFindsTypingMistakes) {
  const Names names = {"learning_rate", "batch_size", "warmup_ratio", "epochs", "r"};
  EXPECT_EQ(nearest("learnign_rate", names), "learning_rate");
  EXPECT_EQ(nearest("batchsize", names), "batch_size");
  EXPECT_EQ(nearest("Epochs", names), "epochs");
  EXPECT_EQ(nearest("R", names), "r");
  EXPECT_EQ(nearest("warmup", names), "warmup_ratio");
}

TEST(Text, NearestStaysSilentWhereNothingIsNear) {
  const Names names = {"learning_rate", "r", "lr"};
  EXPECT_EQ(nearest("k", names), "");
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest("optimizer", names), "");
  EXPECT_EQ(nearest(std::string(1000000, 'r'), names), "");
  EXPECT_EQ(nearest("x", {}), "");
}

TEST(Text, NearestNeitherRepeatsNorNamesABeginningOfWhatWasSaid) {
  EXPECT_EQ(nearest("test", {"test", "tests"}), "");
  EXPECT_EQ(nearest("lora_dropout", {"lora", "task"}), "");
}

TEST(Text, ASwapOfNeighboursIsOneMistake) { EXPECT_EQ(nearest("hte", {"the"}), "the"); }

TEST(Text, DidYouMeanIsEmptyOrAQuestion) {
  EXPECT_EQ(did_you_mean("hidencut", {"hiddencut", "dropkey"}), " (did you mean \"hiddencut\"?)");
  EXPECT_EQ(did_you_mean("zzz", {"hiddencut", "dropkey"}), "");
}

TEST(Text, NumbersAreShortAndReadBack) {
  EXPECT_EQ(format_number(0.1), "0.1");
  EXPECT_EQ(format_number(16), "16");
  EXPECT_EQ(format_number(4e-05), "4e-05");
  EXPECT_EQ(format_number(-0.5), "-0.5");
  EXPECT_EQ(std::stod(format_number(1.0 / 3)), 1.0 / 3);
  EXPECT_EQ(format_number(std::nan("")), "nan");
  EXPECT_EQ(format_number(-std::numeric_limits<double>::infinity()), "-inf");
}

TEST(Text, BytesTakeTheUnitThatFits) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes(3.2e9), "3.0 GiB");
  EXPECT_EQ(format_bytes(1024.0 * 1024 - 1), "1.0 MiB");
}

}  // namespace
}  // namespace hiddenkey
