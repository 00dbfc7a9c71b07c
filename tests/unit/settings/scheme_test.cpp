#include "settings/scheme.h"

#include <gmock/gmock.h>

#include <map>

#include "core/file.h"
#include "core/text.h"
#include "dropout/schemes.h"
#include "settings/config_values.h"

namespace hiddenkey {
namespace {

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  for (std::string cell : split(line, '|')) {
    std::erase_if(cell, [](char c) { return c == ' ' || c == '`'; });
    cells.push_back(cell);
  }
  return cells;
}

/// The table of schemes in docs/method.md: {"dropkey": {"logits": "column", ..., "consistency": ""}, ...}.
std::map<std::string, std::map<std::string, std::string>> documented_schemes() {
  std::map<std::string, std::map<std::string, std::string>> schemes;
  std::vector<std::string> head;
  for (const std::string& line : split(read_file("docs/method.md"), '\n')) {
    const std::vector<std::string> cells = cells_of(line);
    if (head.empty() && line.starts_with("| scheme |")) head = cells;
    if (!head.empty() && line.empty()) break;
    if (!line.starts_with("| `")) continue;
    for (std::size_t i = 2; i + 1 < head.size(); ++i) schemes[cells[1]][head[i]] = cells[i];
  }
  return schemes;
}

TEST(Schemes, AreThoseOfTheDocument) {
  auto documented = documented_schemes();
  EXPECT_EQ(documented.size(), std::size(kSchemeRows) - 1) << "custom combines any positions and has no row there";
  for (const SchemeRow& row : kSchemeRows) {
    if (row.scheme == Scheme::kCustom) continue;
    ASSERT_TRUE(documented.contains(row.name)) << row.name;
    std::map<std::string, std::string>& cells = documented[row.name];
    EXPECT_EQ(cells["consistency"], row.loss == ConsistencyLoss::kKl ? "KL" : "") << row.name;
    for (const PositionRow& position : kPositionRows) {
      const bool on = drops_at(row.scheme, position.position);
      EXPECT_EQ(cells[position.section], on ? name_of_enum(position.pattern) : "") << row.name << position.section;
    }
  }
}

TEST(Schemes, PositionsAreDescribedInTheDocument) {
  const std::string text = read_file("docs/method.md");
  for (const PositionRow& row : kPositionRows)
    EXPECT_THAT(text, testing::HasSubstr(cat("**", row.section, "**"))) << row.section;
}

TEST(Schemes, LeaveOffTheKeysOfPositionsThatTheyDoNotDropAt) {
  EXPECT_TRUE(leaves_off(Scheme::kDropKey, "dropout.hidden.site"));
  EXPECT_FALSE(leaves_off(Scheme::kDropKey, "dropout.logits.rate"));
  EXPECT_TRUE(leaves_off(Scheme::kHiddenKey, "dropout.output.rate"));
  EXPECT_FALSE(leaves_off(Scheme::kCustom, "dropout.output.rate"));
  EXPECT_FALSE(leaves_off(Scheme::kNone, "dropout.layers"));
}

}  // namespace
}  // namespace hiddenkey
