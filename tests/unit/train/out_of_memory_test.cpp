#include "train/out_of_memory.h"

#include <gtest/gtest.h>

#include <new>
#include <vector>

#include "core/error.h"

namespace hiddenkey {
namespace {

TEST(WithHalving, TriesHalfTheSizeUntilItFits) {
  std::vector<int64_t> tried;
  const int64_t fitted = with_halving(13, "a step", at::kCPU, [&](int64_t size) {
    tried.push_back(size);
    if (size > 3) throw std::bad_alloc();
  });
  EXPECT_EQ(fitted, 2);
  EXPECT_EQ(tried, (std::vector<int64_t>{13, 7, 4, 2}));
}

TEST(WithHalving, LeavesOneExampleThatDoesNotFitAndOtherErrorsToTheCaller) {
  int64_t calls = 0;
  const auto fail = [&](int64_t) {
    ++calls;
    throw std::bad_alloc();
  };
  EXPECT_THROW(with_halving(2, "a step", at::kCPU, fail), std::bad_alloc);
  EXPECT_EQ(calls, 2);
  EXPECT_THROW(with_halving(2, "a step", at::kCPU, [](int64_t) { throw DataError("not enough memory"); }), DataError);
}

TEST(OutOfMemory, IsToldFromOtherFailures) {
  EXPECT_TRUE(is_out_of_memory(std::bad_alloc()));
  EXPECT_FALSE(is_out_of_memory(std::runtime_error("a shape does not fit")));
  try {
    at::empty({int64_t{1} << 52}, at::kFloat);
    FAIL();
  } catch (const std::exception& error) {
    EXPECT_TRUE(is_out_of_memory(error)) << error.what();
  }
}

}  // namespace
}  // namespace hiddenkey
