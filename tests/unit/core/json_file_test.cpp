#include "core/json_file.h"

#include <gtest/gtest.h>

namespace hiddenkey {
namespace {

std::string message_of(const std::string& text) {
  try {
    parse_json_text(text, "folder/config.json", ErrorKind::kModel);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kModel);
    return error.what();
  }
  return "no error";
}

TEST(JsonFile, ReadsValuesOfEachKind) {
  const std::string text = R"({"a": [1, -2, 0.5, true, null], "b": {"c": "\u00e9"}, "d": []})";
  EXPECT_EQ(parse_json_text(text, "x"), nlohmann::json::parse(text));
}

TEST(JsonFile, NamesTheLineAndColumnOfWhatIsNoJson) {
  EXPECT_EQ(message_of("{\n \"a\": tru }"), "folder/config.json: line 2, column 10: is no valid JSON from here on");
  EXPECT_EQ(message_of("{\"a\": 1,\n"), "folder/config.json: line 2, column 1: is no valid JSON: it ends too early");
  EXPECT_EQ(message_of(""), "folder/config.json: line 1, column 1: is no valid JSON: it ends too early");
}

TEST(JsonFile, NamesNumbersThatJsonOrADoubleLacks) {
  EXPECT_EQ(message_of("{\"a\": 1e999}"), "folder/config.json: line 1, column 7: the number 1e999 is too large");
  EXPECT_EQ(message_of("{\"a\": NaN}"),
            "folder/config.json: line 1, column 7: is no valid JSON: NaN is no number there");
  EXPECT_EQ(message_of("{\"a\": Infinity}"),
            "folder/config.json: line 1, column 7: is no valid JSON: Infinity is no number there");
}

TEST(JsonFile, RefusesWhatIsNestedTooDeep) {
  EXPECT_EQ(message_of("\n" + std::string(100000, '[')),
            "folder/config.json: line 2, column 65: is nested deeper than 64 levels");
  EXPECT_EQ(message_of(std::string(64, '[') + std::string(64, ']')), "no error");
  EXPECT_EQ(message_of("[\"" + std::string(100, '[') + "\\\"[\"]"), "no error");
}

TEST(JsonFile, TakesTheLastOfEqualKeys) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(parse_json_text(R"({"a": {"b": 1}, "a": 2})", "x").at("a"), 2);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("the key \"a\" stands twice"), std::string::npos);
}

}  // namespace
}  // namespace hiddenkey
