#include "sweep/halving.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hiddenkey {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Halving, KeepsTheBestCellsByTheMeanOverTheirTrials) {
  const std::vector<RungValue> values = {{"a", 0.9}, {"b", 0.7}, {"a", 0.1}, {"b", 0.7}, {"c", 0.6}};
  EXPECT_THAT(cells_that_go_on(values, 0.5, true, ""), ElementsAre("b", "c"));  // of three, rounded up
  EXPECT_THAT(cells_that_go_on(values, 0.3, true, ""), ElementsAre("b"));
  EXPECT_THAT(cells_that_go_on(values, 0.3, false, ""), ElementsAre("a"));
}

TEST(Halving, KeepsTheCellThatIsComparedToAndThePlansOrderAmongEquals) {
  const std::vector<RungValue> values = {{"a", 0.5}, {"b", 0.5}, {"c", 0.5}, {"d", 0.4}};
  EXPECT_THAT(cells_that_go_on(values, 0.5, true, "d"), ElementsAre("a", "b", "d"));
  EXPECT_THAT(cells_that_go_on({}, 0.5, true, "d"), IsEmpty());
}

TEST(Halving, RoundsNoWholeNumberUp) {
  std::vector<RungValue> values;
  for (const char* cell : {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}) values.push_back({cell, 0});
  EXPECT_EQ(cells_that_go_on(values, 0.7, true, "").size(), 7U);  // 0.7 * 10 is above 7 in floating point
}

}  // namespace
}  // namespace hiddenkey
