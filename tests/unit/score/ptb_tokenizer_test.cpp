#include "score/ptb_tokenizer.h"

#include <gtest/gtest.h>

#include "unit/score/shared_data.h"

namespace hiddenkey {
namespace {

std::string tokens(const std::string& line) { return join(ptb_tokens(line), " "); }

struct Case {
  const char* line;
  const char* tokens;
};

// What PTBTokenizer of Stanford CoreNLP 3.4.1 gave for these lines.
class PtbTokenizer : public testing::TestWithParam<Case> {};
TEST_P(PtbTokenizer, GivesTheTokensOfStanfords) { EXPECT_EQ(tokens(GetParam().line), GetParam().tokens); }

INSTANTIATE_TEST_SUITE_P(
    Words, PtbTokenizer,
    testing::Values(Case{"The food.It is good. street.the end", "the food.it is good . street.the end"},
                    Case{"I can't, won't; cannot gonna gotta dunno 'tis 'twas lemme wanna.",
                         "i ca n't , wo n't ; can not gon na got ta dunno 't is 't was lem me wan na ."},
                    Case{"rock 'n' roll o'clock O'Reilly hors d'oeuvre y'all 'em '90s ma'am",
                         "rock 'n' roll o'clock o'reilly hors d'oeuvre y' all 'em '90s ma'am"},
                    Case{"kids' it's its' I'm I'd they've he'd's don'tcha don'ts cont'd",
                         "kids ' it 's its ' i 'm i 'd they 've he 'd 's do n'tcha do n'ts cont 'd"},
                    Case{"caf\u00e9's Caf\u00e9-Bar Cr\u00e8me-br\u00fbl\u00e9e",
                         "caf\u00e9 's caf\u00e9-bar cr\u00e8me-br\u00fbl\u00e9e"},
                    Case{"5and 20GBP 5-star* snake_case a_b _a non- child x--y a----b",
                         "5and 20gbp 5-star * snake_case a_b _ a non - child x -- y a -- b"},
                    Case{"AT&T R&D a&b c++ c# and/or/not a/b/c/d km/h",
                         "at&t r&d a & b c++ c# and/or/not a/b/c / d km/h"}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, PtbTokenizer,
    testing::Values(
        Case{"\u00a320-\u00a325 \u20ac20 US$5 50\u00a2 \u00a3-25 20%", "# 20 - # 25 $ 20 us$ 5 50 cents # -25 20 %"},
        Case{"5,000 3.5-inch inch-3.5 1,000-seat 12:30pm 5pm", "5,000 3.5-inch inch-3 .5 1,000-seat 12:30 pm 5pm"},
        Case{"1/2 1\u00bd 24/7 12/05/2014 x\u00b2 5'10\" 80's", "1/2 1 1/2 24/7 12/05/2014 x \u00b2 5 ' 10 '' 80 's"},
        Case{"1 1/2 cups, 020 7946 0958", "1\u00a01/2 cups , 020\u00a07946\u00a00958"}));

INSTANTIATE_TEST_SUITE_P(
    Punctuation, PtbTokenizer,
    testing::Values(Case{"(brackets) [square] {curly} <b>bold</b> 3 < 5 &amp; &lt;",
                         "-lrb- brackets -rrb- -lsb- square -rsb- -lcb- curly -rcb- <b> bold </b> 3 < 5 & <"},
                    Case{"\"Quote,\" 'single' \u201ccurly\u201d \u2018x\u2019 it\u2019s '1 out of 5' 'The Mill'",
                         "`` quote , '' ` single ' `` curly '' ` x ' it 's ' 1 out of 5 ' ` the mill '"},
                    Case{"wait... what....... . . . oh \u2026 end --- en \u2013 five-----",
                         "wait ... what ... . ... oh ... end -- en -- five -----"},
                    Case{"?! :-) :( =) #1 #tag @home me@x.com http://x.com/b?x=1, foo.com",
                         "?! :--rrb- :-lrb- =-rrb- # 1 #tag @home me@x.com http://x.com/b?x=1 , foo.com"},
                    Case{"ok\u263a \u2605\u2605 \U0001F600 x\u200by", "ok \u263a \u2605 \u2605 x y"}));

INSTANTIATE_TEST_SUITE_P(Abbreviations, PtbTokenizer,
                         testing::Values(Case{"Mr. Smith vs. the U.S. The end. Inc. They went etc.",
                                              "mr. smith vs. the u.s. . the end . inc. . they went etc. ."},
                                         Case{"Mass. x mass. x no. 5 no. x Co. Ltd. I. He A. b",
                                              "mass. x mass . x no. 5 no . x co. ltd. . i . he a. b"},
                                         Case{"center., shop-., A.B., 5., 3.pdf a.5 U.S.-based",
                                              "center. , shop - . , a.b. , 5. , 3.pdf a. 5 u.s.-based"}));

TEST(PtbTokenizer, SurvivesBytesThatAreNoText) {
  EXPECT_EQ(tokens("caf\xff \xc3"), "caf");
  EXPECT_EQ(tokens(""), "");
  EXPECT_EQ(tokens(" \t "), "");
}

TEST(PtbWords, AreTheTokensWithoutPunctuation) {
  EXPECT_EQ(join(ptb_words("\"It's\" (a) - pub: cheap, good... 'no'! -- #5; ok?"), " "),
            "it 's -lrb- a -rrb- pub cheap good no # 5 ok");
}

class PtbGolden : public testing::TestWithParam<const char*> {};
TEST_P(PtbGolden, HasAllLinesOfTheReferences) {
  const fs::path folder = shared_data() / "e2e" / "golden";
  if (!fs::is_directory(folder))
    GTEST_SKIP() << folder << " is not there; point HIDDENKEY_DATA at a folder with e2e/golden";
  const std::vector<std::string> raw = lines_of(folder / cat(GetParam(), "_refs.raw.txt"));
  const std::vector<std::string> expected = lines_of(folder / cat(GetParam(), "_refs.ptb341.txt"));
  ASSERT_EQ(raw.size(), expected.size());
  for (std::size_t i = 0; i < raw.size(); ++i) ASSERT_EQ(tokens(raw[i]), expected[i]) << "line " << i + 1;
}
INSTANTIATE_TEST_SUITE_P(E2e, PtbGolden, testing::Values("devset", "testset"));

// Work that grows with the square of the length ends in this test's time limit.
TEST(PtbTokenizer, TakesLongRunsOfMarks) {
  for (const std::string mark : {".", "\"", "(", "&", "a'", "\\/"}) {
    std::string text;
    while (text.size() < 40'000) text += mark;
    EXPECT_GE(ptb_tokens(text).size(), 8'000U) << mark;
  }
}

}  // namespace
}  // namespace hiddenkey
