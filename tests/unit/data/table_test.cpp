#include "data/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "data/token_cache.h"

namespace hiddenkey {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string failure(std::string_view bytes, TableFormat format) {
  try {
    parse_table(bytes, "f", format);
    return "";
  } catch (const DataError& error) {
    return error.what();
  }
}

TEST(Tsv, IsSplitOnTabsAndNeverUnquoted) {
  const Table table = parse_table(
      "\xEF\xBB\xBF"
      "a\tb\r\n\"x\t y\" \r\n\"\t\n",
      "f", TableFormat::kTsv);
  EXPECT_THAT(table.columns, ElementsAre("a", "b"));
  EXPECT_THAT(table.rows, ElementsAre(ElementsAre("\"x", " y\" "), ElementsAre("\"", "")));
  EXPECT_THAT(table.lines, ElementsAre(2, 3));
}

TEST(Tsv, SaysWhichLineIsWrong) {
  EXPECT_EQ(failure("a\tb\n1\t2\n3\n", TableFormat::kTsv), "f:3: expected 2 fields, found 1");
  EXPECT_EQ(failure("a\tb\n1\t2\t3\n", TableFormat::kTsv), "f:2: expected 2 fields, found 3");
  EXPECT_THAT(failure(std::string_view("a\n1\n\0\n", 6), TableFormat::kTsv), HasSubstr("f:3: holds a NUL"));
  EXPECT_THAT(failure("", TableFormat::kTsv), HasSubstr("no examples"));
}

TEST(Csv, KnowsQuotesAndLineBreaksInThem) {
  const Table table =
      parse_table("a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"\r\nplain \"quote,\r\n", "f", TableFormat::kCsv);
  EXPECT_THAT(table.rows, ElementsAre(ElementsAre("x, \"y\"", "two\nlines"), ElementsAre("plain \"quote", "")));
  EXPECT_THAT(table.lines, ElementsAre(2, 4));
  EXPECT_EQ(failure("a\n\"open\n", TableFormat::kCsv), "f:2: a quote is not closed");
}

TEST(Jsonl, TakesTextNumbersAndBooleans) {
  const Table table = parse_table(
      "{\"t\": \"x\\ty\", \"n\": 2.5, \"b\": true, \"i\": 3}\n\n{\"i\": 4, \"t\": \"\", \"n\": -1, \"b\": false}\n",
      "f", TableFormat::kJsonl);
  EXPECT_THAT(table.rows, ElementsAre(ElementsAre("x\ty", "2.5", "true", "3"), ElementsAre("", "-1", "false", "4")));
  EXPECT_THAT(failure("{\"t\": \"x\"}\n{\"t\": \"y", TableFormat::kJsonl), HasSubstr("f:2: is no JSON object"));
  EXPECT_THAT(failure("{\"t\": \"x\"}\n{\"u\": \"y\"}", TableFormat::kJsonl), HasSubstr("f:2: \"t\" is missing"));
}

TEST(TokenCache, GivesBackWhatItTookAndNoticesDamage) {
  Dataset data;
  data.split = "train";
  data.tokens = 3;
  data.examples = {{"7", {1, 2, 3}, {0, 0, 1}, 1.0}, {"", {}, {}, std::nullopt}};
  const std::string bytes = to_cache_bytes(data, {"no", "yes"});
  std::vector<std::string> labels;
  const auto back = from_cache_bytes(bytes, labels);
  ASSERT_TRUE(back);
  EXPECT_THAT(labels, ElementsAre("no", "yes"));
  EXPECT_EQ(back->examples[0].type_ids, data.examples[0].type_ids);
  EXPECT_FALSE(back->examples[1].label);
  for (std::size_t i = 0; i < bytes.size(); i += 7) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(from_cache_bytes(damaged, labels)) << i;
  }
  EXPECT_FALSE(from_cache_bytes(std::string_view(bytes).substr(0, bytes.size() - 1), labels));
}

}  // namespace
}  // namespace hiddenkey
