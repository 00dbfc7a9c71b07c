#include "score/chrf.h"

#include <gtest/gtest.h>

#include "unit/score/corpora.h"
#include "unit/score/webnlg_data.h"

namespace hiddenkey {
namespace {

TEST(ChrfPlusPlus, HasSacrebleusFigureOfWebnlg) {
  const auto segments = webnlg_golden();
  if (!segments) GTEST_SKIP() << "no webnlg/golden; point HIDDENKEY_DATA at a folder with webnlg";
  EXPECT_NEAR(over_all(chrf_plus_plus(*segments), segments->size()), 54.3428, 5.1e-5);
}

}  // namespace
}  // namespace hiddenkey
