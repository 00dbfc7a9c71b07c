#include "text/pre_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

using testing::ElementsAre;

std::vector<std::string> cut(std::unique_ptr<const Cutter> cutter, std::string_view text) {
  const std::u32string wide = decode_utf8(text);
  std::vector<std::unique_ptr<const Cutter>> cutters;
  cutters.push_back(std::move(cutter));
  std::vector<std::string> parts;
  for (const auto part : cut_by(wide, cutters)) parts.push_back(encode_utf8(part));
  return parts;
}

constexpr const char* kText = "I'LL  see 12345 cafés!!\n\n  😀x ";

TEST(RegexCutter, CutsAsTheKnownFamiliesDo) {
  EXPECT_THAT(cut(regex_cutter(kLlama3Words, ""), kText),
              ElementsAre("I", "'LL", " ", " see", " ", "123", "45", " cafés", "!!\n\n", " ", " 😀", "x", " "));
  EXPECT_THAT(cut(regex_cutter(kQwen2Words, ""), kText), ElementsAre("I", "'LL", " ", " see", " ", "1", "2", "3", "4",
                                                                     "5", " cafés", "!!\n\n", " ", " 😀", "x", " "));
}

TEST(RegexCutter, KeepsWhatStandsBetweenMatches) {
  EXPECT_THAT(cut(regex_cutter("b+", ""), "abba😀b"), ElementsAre("a", "bb", "a😀", "b"));
  EXPECT_THAT(cut(regex_cutter("x", ""), ""), ElementsAre());
}

TEST(RegexCutter, TakesALongTextAndRefusesAMalformedExpression) {
  EXPECT_THAT(cut(regex_cutter(kLlama3Words, ""), std::string(400'000, 'a')).size(), 1U);
  EXPECT_THAT(cut(regex_cutter(kLlama3Words, ""), std::string(400'000, ' ') + "x").size(), 2U);
  EXPECT_THROW(regex_cutter("(", "here"), ModelError);
}

TEST(RegexCutter, StopsAnExpressionThatRunsAway) {
  const auto fault = [](const std::string& pattern, const std::string& text) -> std::string {
    try {
      cut(regex_cutter(pattern, "here"), text);
      return "";
    } catch (const ModelError& error) {
      return error.what();
    }
  };
  constexpr const char* kReason = "here: the regular expression takes too long on a text: ";
  EXPECT_EQ(fault("(a+)+b", std::string(60, 'a')), std::string(kReason) + "U_REGEX_TIME_OUT");
  // Each group makes what is kept for each letter larger.
  std::string groups;
  for (int i = 0; i < 20; ++i) groups += "(x)?";
  EXPECT_EQ(fault("(?:a|b)*" + groups, std::string(1'000'000, 'a')), std::string(kReason) + "U_REGEX_STACK_OVERFLOW");
  EXPECT_EQ(fault("(?:a|b)*", std::string(1'000'000, 'a')), "");
}

TEST(DigitCutter, PutsNumbersApart) {
  EXPECT_THAT(cut(digit_cutter(true), "ab12 3½c"), ElementsAre("ab", "1", "2", " ", "3", "½", "c"));
  EXPECT_THAT(cut(digit_cutter(false), "ab12 3½c"), ElementsAre("ab", "12", " ", "3½", "c"));
}

TEST(Metaspace, MarksSpacesAndTheBeginning) {
  Metaspace space;
  EXPECT_EQ(space.apply(U"a b", false), U"▁a▁b");
  EXPECT_EQ(space.apply(U" a", true), U"▁a") << "a space is there already";
  space.prepend = Metaspace::Prepend::kFirst;
  EXPECT_EQ(space.apply(U"a", true), U"▁a");
  EXPECT_EQ(space.apply(U"a", false), U"a");
  EXPECT_THAT(space.words(U"▁▁a▁b"), ElementsAre(U"▁", U"▁a", U"▁b"));
}

}  // namespace
}  // namespace hiddenkey
