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

TEST(Csv, SaysWhatIsWrongWithItsQuotesAndLineEnds) {
  EXPECT_THAT(failure("a,b\n\"x\"y,z\n", TableFormat::kCsv),
              HasSubstr("f:2: text follows the quote that closes \"x\""));
  EXPECT_THAT(failure("a,b\rx,y\r", TableFormat::kCsv), HasSubstr("f:1: the lines end in CR alone"));
  EXPECT_THAT(failure("a\tb\rx\ty", TableFormat::kTsv), HasSubstr("f:1: the lines end in CR alone"));
  EXPECT_THAT(failure("a,b\nx\ry,z\n", TableFormat::kCsv), HasSubstr("f:2: CR stands alone"));
}

TEST(Table, SaysWhatAFileIsThatIsNoText) {
  EXPECT_EQ(failure("\xFF\xFE"
                    "a",
                    TableFormat::kCsv),
            "f: is UTF-16; save it as UTF-8");
  EXPECT_THAT(failure("PK\x03\x04", TableFormat::kCsv), HasSubstr("f: is a ZIP archive"));
  EXPECT_THAT(failure("\x1F\x8B\x08", TableFormat::kJsonl), HasSubstr("gzip"));
  EXPECT_THAT(failure("PAR1", TableFormat::kTsv), HasSubstr("Parquet"));
}

TEST(Table, AsksWhichOfTwoColumnsIsMeantOnlyWhereItIsAskedFor) {
  const Table table = parse_table("a\tb\tb\n1\t2\t3\n", "f", TableFormat::kTsv);
  EXPECT_EQ(table.require("a"), 0U);
  EXPECT_THROW(table.require("b"), DataError);
}

TEST(Text, IsOneColumnOfLines) {
  const Table table = parse_table("one, \"two\r\n\nthree", "f", TableFormat::kText);
  EXPECT_THAT(table.columns, ElementsAre("text"));
  EXPECT_THAT(table.rows, ElementsAre(ElementsAre("one, \"two"), ElementsAre(""), ElementsAre("three")));
}

TEST(Jsonl, TakesTextNumbersAndBooleans) {
  const Table table = parse_table(
      "{\"t\": \"x\\ty\", \"n\": 2.5, \"b\": true, \"i\": 3}\n\n{\"i\": 4, \"t\": \"\", \"n\": -1, \"b\": false}\n",
      "f", TableFormat::kJsonl);
  EXPECT_THAT(table.rows, ElementsAre(ElementsAre("x\ty", "2.5", "true", "3"), ElementsAre("", "-1", "false", "4")));
  EXPECT_EQ(table.kind(1, 2), FieldKind::kTruth);
}

TEST(Jsonl, NeedsOnlyTheColumnsThatAreAskedFor) {
  const Table table =
      parse_table("{\"t\": \"x\", \"more\": [1]}\n{\"u\": 1, \"t\": \"\"}\n{\"t\": null}\n", "f", TableFormat::kJsonl);
  EXPECT_THAT(table.columns, ElementsAre("t", "more", "u"));
  EXPECT_EQ(table.field(1, 0), "");
  const auto fault = [&](std::size_t row, std::size_t column) -> std::string {
    try {
      return table.field(row, column);
    } catch (const DataError& error) {
      return error.what();
    }
  };
  EXPECT_EQ(fault(0, 1), "f:1: \"more\" is a list; expected text");
  EXPECT_EQ(fault(0, 2), "f:1: \"u\" is missing");
  EXPECT_EQ(fault(2, 0), "f:3: \"t\" is missing");
}

TEST(Jsonl, SaysWhatALineIsThatIsNoObject) {
  const auto fault = [](const std::string& line) { return failure("{\"t\": 1}\n" + line, TableFormat::kJsonl); };
  EXPECT_THAT(fault("{\"t\": \"y"), HasSubstr("f:2: is no JSON object; the line may be cut off"));
  EXPECT_THAT(fault("[{\"t\": 1},"), HasSubstr("f:2: is a JSON array"));
  EXPECT_THAT(fault("[1]"), HasSubstr("f:2: is a JSON array"));
  EXPECT_THAT(fault("7"), HasSubstr("f:2: is no JSON object"));
  EXPECT_THAT(fault("{\"a\": \"NaN \\\" NaN\", \"t\": NaN}"), HasSubstr("f:2: holds NaN, which JSON does not have"));
  EXPECT_THAT(fault("{\"t\": -Infinity}"), HasSubstr("holds Infinity"));
  EXPECT_THAT(fault("{\"t\": True}"), HasSubstr("holds True"));
  EXPECT_THAT(fault("{\"t\": \"\\ud83d\"}"), HasSubstr("half of a surrogate pair"));
  EXPECT_THAT(fault("{\"t\": \"\\udc00\"}"), HasSubstr("half of a surrogate pair"));
  EXPECT_THAT(fault("{\"t\": \"\xff\"}"), HasSubstr("not UTF-8"));
  EXPECT_THAT(fault("{\"t\": 1e999}"), HasSubstr("too large"));
  EXPECT_THAT(fault("{\"t\": 1, \"t\": 2}"), HasSubstr("f:2: the key \"t\" stands there twice"));
  EXPECT_THAT(fault("{\"t\" 1}"), HasSubstr("is no valid JSON from column 6 on"));
}

TEST(TokenCache, GivesBackWhatItTookAndNoticesDamage) {
  Dataset data;
  data.split = "train";
  data.tokens = 3;
  data.available = 9;
  data.notes = {"1 example has an empty text"};
  data.examples = {{"7", {1, 2, 3}, {0, 0, 1}, 1.0}, {"", {}, {}, std::nullopt}};
  const std::string bytes = to_cache_bytes(data, {"no", "yes"});
  std::vector<std::string> labels;
  const auto back = from_cache_bytes(bytes, labels);
  ASSERT_TRUE(back);
  EXPECT_THAT(labels, ElementsAre("no", "yes"));
  EXPECT_EQ(back->examples[0].type_ids, data.examples[0].type_ids);
  EXPECT_FALSE(back->examples[1].label);
  EXPECT_EQ(back->available, 9);
  EXPECT_EQ(back->notes, data.notes);
  for (std::size_t i = 0; i < bytes.size(); i += 7) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(from_cache_bytes(damaged, labels)) << i;
  }
  EXPECT_FALSE(from_cache_bytes(std::string_view(bytes).substr(0, bytes.size() - 1), labels));
}

}  // namespace
}  // namespace hiddenkey
