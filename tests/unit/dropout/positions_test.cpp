#include "dropout/positions.h"

#include <gmock/gmock.h>

#include <set>
#include <string>

#include "dropout/dropout_config.h"
#include "dropout/schemes.h"

namespace hiddenkey {
namespace {

using ::testing::ElementsAre;

TEST(Positions, StandInTheOrderOfTheConfigWithTheirDefaultPatterns) {
  std::vector<std::pair<std::string, Pattern>> rows;
  for (const PositionRow& row : kPositionRows) rows.emplace_back(row.section, row.pattern);
  EXPECT_THAT(rows, ElementsAre(std::pair("logits", Pattern::kColumn), std::pair("weights", Pattern::kColumn),
                                std::pair("hidden", Pattern::kElement), std::pair("input", Pattern::kElement),
                                std::pair("output", Pattern::kElement)));
}

TEST(Positions, HaveOneRowEachAndAddressesBelowThoseOfAdapters) {
  std::set<Position> positions;
  for (const PositionRow& row : kPositionRows) {
    EXPECT_TRUE(positions.insert(row.position).second) << row.section;
    EXPECT_LT(row.position, Position::kLoraInput) << row.section;
  }
}

TEST(Positions, IndexValuesOfTheirOwn) {
  ByPosition<std::string> sections;
  for (const PositionRow& row : kPositionRows) sections[row.position] = row.section;
  EXPECT_EQ(sections[Position::kLogits], "logits");
  EXPECT_EQ(sections[Position::kOutput], "output");
  EXPECT_THROW(sections[Position::kPretrainedFfn], std::out_of_range) << "the checkpoint's own dropout has no row";
}

TEST(Schemes, HaveOneRowEach) {
  std::set<std::string> names;
  for (const SchemeRow& row : kSchemeRows) {
    EXPECT_EQ(&row_of(row.scheme), &row) << row.name;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
  }
}

TEST(Schemes, CustomDropsAnywhereAndNoneNowhere) {
  for (const PositionRow& row : kPositionRows) {
    EXPECT_TRUE(drops_at(Scheme::kCustom, row.position)) << row.section;
    EXPECT_FALSE(drops_at(Scheme::kNone, row.position)) << row.section;
    EXPECT_FALSE(DropoutConfig().is_on(row.position)) << row.section;
  }
}

}  // namespace
}  // namespace hiddenkey
