#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "task/task.h"

namespace hiddenkey {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string reason(TaskKind kind) {
  TaskInfo info;
  info.kind = kind;
  info.labels = {"O", "B-PER"};
  return make_task(std::move(info))->why_left_out(128);
}

TEST(ExamplesThatAreLeftOut, AreTooLongWhereATextIsNeverCut) {
  EXPECT_THAT(reason(TaskKind::kGeneration), HasSubstr("longer than 128 tokens"));
}

TEST(ExamplesThatAreLeftOut, HaveNoWordToReadWhereWordsAreTagged) {
  EXPECT_THAT(reason(TaskKind::kTokens), HasSubstr("no word of which the tokenizer makes a token within 128 tokens"));
  EXPECT_THAT(reason(TaskKind::kTokens), Not(HasSubstr("longer")));
}

}  // namespace
}  // namespace hiddenkey
