#include "score/webnlg.h"

#include <gtest/gtest.h>

#include "unit/score/corpora.h"

namespace hiddenkey {
namespace {

TEST(Webnlg, HasTheMetricsOfItsTables) {
  std::string names;
  for (const Metric& metric : webnlg_metrics(small_corpus())) {
    names += metric.name + ";";
    EXPECT_EQ(metric.smaller_is_better, metric.name == "TER" || metric.name == "corpus TER");
  }
  EXPECT_EQ(names, "BLEU;METEOR;TER;corpus TER;chrF++;");
}

}  // namespace
}  // namespace hiddenkey
