#include "data/task.h"

#include <gtest/gtest.h>

namespace hiddenkey {
namespace {

TEST(KindOfATask, IsThatOfItsNameWhateverItsLabelsAre) {
  EXPECT_EQ(kind_of_task("stsb", {"a", "b"}), TaskKind::kRegression);
  EXPECT_EQ(kind_of_task("rte", {}), TaskKind::kClassification);
  EXPECT_EQ(kind_of_task("token_classification", {"O"}), TaskKind::kTokens);
  EXPECT_EQ(kind_of_task("webnlg", {}), TaskKind::kGeneration);
}

TEST(KindOfATask, ThatIsNotKnownIsToldByItsLabels) {
  EXPECT_EQ(kind_of_task("anli", {"a", "b"}), TaskKind::kClassification);
  EXPECT_EQ(kind_of_task("similarity", {}), TaskKind::kRegression);
}

}  // namespace
}  // namespace hiddenkey
