#include "score/ter.h"

#include <gtest/gtest.h>

#include "unit/score/corpora.h"
#include "unit/score/webnlg_data.h"

namespace hiddenkey {
namespace {

TEST(CorpusTer, HasSacrebleusFigureOfWebnlg) {
  const auto segments = webnlg_golden();
  if (!segments) GTEST_SKIP() << "no webnlg/golden; point HIDDENKEY_DATA at a folder with webnlg";
  EXPECT_NEAR(over_all(corpus_ter(*segments), segments->size()), 64.4871, 5.1e-5);
}

TEST(MeanTer, HasPytersFigureOfWebnlg) {
  const auto segments = webnlg_golden();
  if (!segments) GTEST_SKIP() << "no webnlg/golden; point HIDDENKEY_DATA at a folder with webnlg";
  EXPECT_NEAR(over_all(mean_ter(*segments), segments->size()), 0.4824, 5.1e-5);
}

}  // namespace
}  // namespace hiddenkey
