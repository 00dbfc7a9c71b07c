#include "score/mteval_tokenizer.h"

#include <gtest/gtest.h>

#include "core/text.h"

namespace hiddenkey {
namespace {

std::string tokens(const std::string& text, Casing casing = Casing::kAsIs) {
  return join(mteval_tokens(text, casing), " ");
}

// What sacreBLEU 2's tokenizer 13a gives.
TEST(MtevalTokenizer, SeparatesPunctuationAsSacrebleuDoes) {
  EXPECT_EQ(tokens("It's £20-£25, kid-friendly (5-star) 3.5,000. U.S.A., e.g."),
            "It's £20 - £25 , kid-friendly ( 5 - star ) 3.5,000 . U . S . A . , e . g .");
  EXPECT_EQ(tokens("a,b .5 5. ..x 1-2-3 --- &amp; &quot;x&quot; <skipped>&lt;"),
            "a , b . 5 5 . . . x 1 - 2 - 3 --- & \" x \" <");
}

TEST(MtevalTokenizer, TakesUnicodesSpacesForSpaces) { EXPECT_EQ(tokens("Café,\u00a0№5\t x"), "Café , №5 x"); }

TEST(MtevalTokenizer, LowersTheCaseOfAllLetters) {
  EXPECT_EQ(tokens("CAFÉ Ünïcode ΣΑΣ", Casing::kLower), "café ünïcode σας");
}

TEST(MtevalTokenizer, GivesNothingForEmptyText) { EXPECT_TRUE(mteval_tokens(" ", Casing::kLower).empty()); }

}  // namespace
}  // namespace hiddenkey
