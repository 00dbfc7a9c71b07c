#include "score/chrf.h"

#include <gtest/gtest.h>

#include "unit/score/corpora.h"
#include "unit/score/webnlg_data.h"

namespace hiddenkey {
namespace {

double chrf(const std::string& hypothesis, const std::string& reference) {
  return over_all(chrf_plus_plus({{hypothesis, {reference}, ""}}), 1);
}

// The numbers are those of scripts/make_score_goldens.py (sacreBLEU 2.6.0).
TEST(ChrfPlusPlus, TakesOddTexts) {
  EXPECT_EQ(chrf("", "a b c"), 0);
  EXPECT_NEAR(chrf("the the the the cat", "the cat sat on the mat the end"), 30.511574389385338, 1e-10);
  EXPECT_NEAR(chrf("d e a b c", "a b c d e"), 54.761904761904766, 1e-10);
}

TEST(ChrfPlusPlus, CutsOneMarkOfPunctuationAndTakesTheBestReference) {
  EXPECT_NEAR(
      over_all(chrf_plus_plus({{"b a c", {"a b c", "c d"}, ""}, {"x (hi) y, z!", {"x (hi) z y.", "hi! x y"}, ""}}), 2),
      43.94105828761539, 1e-10);
}

TEST(ChrfPlusPlus, HasSacrebleusFigureOfWebnlg) {
  const auto segments = webnlg_golden();
  if (!segments) GTEST_SKIP() << "no webnlg/golden; point HIDDENKEY_DATA at a folder with webnlg";
  EXPECT_NEAR(over_all(chrf_plus_plus(*segments), segments->size()), 54.3428, 5.1e-5);
}

}  // namespace
}  // namespace hiddenkey
