#include "data/output_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/task.h"

namespace hiddenkey {
namespace {

using testing::ElementsAre;
using Names = std::vector<std::string>;

TaskInfo task(const std::string& name, const Names& labels = {}) {
  TaskConfig config;
  config.name = name;
  config.labels = labels;
  return task_info(config);
}

TEST(OutputLabels, AreMatchedToAModelsByNameWhateverTheCase) {
  EXPECT_EQ(in_order_of(task("mnli"), {"CONTRADICTION", "NEUTRAL", "ENTAILMENT"}),
            (Names{"contradiction", "neutral", "entailment"}));
  EXPECT_EQ(in_order_of(task("classification", {"b", "B"}), {"B", "b"}), (Names{"B", "b"}));
  EXPECT_EQ(in_order_of(task("classification", {"no", "yes"}), {"negative", "positive"}), std::nullopt);
  EXPECT_EQ(in_order_of(task("classification", {"no", "yes"}), {"no", "yes", "maybe"}), std::nullopt);
  EXPECT_EQ(in_order_of(task("classification", {"b", "B"}), {"b", "b"}), std::nullopt);
}

TEST(OutputLabels, OfGlueThatAreNumbersMatchTheNamesOfHuggingFacesDataSets) {
  EXPECT_EQ(in_order_of(task("sst2"), {"POSITIVE", "NEGATIVE"}), (Names{"1", "0"}));
  EXPECT_EQ(in_order_of(task("cola"), {"unacceptable", "acceptable"}), (Names{"0", "1"}));
}

TEST(OutputLabels, ThatWereReadAreMovedWithTheirTask) {
  TaskInfo info = task("rte");
  Dataset data;
  data.examples = {{"", {}, {}, 0.0}, {"", {}, {}, 1.0}, {"", {}, {}, std::nullopt}};
  reorder_labels({"not_entailment", "entailment"}, info, data);
  EXPECT_THAT(info.labels, ElementsAre("not_entailment", "entailment"));
  EXPECT_EQ(data.examples[0].label, 1);
  EXPECT_EQ(data.examples[1].label, 0);
  EXPECT_FALSE(data.examples[2].label);
}

TEST(OutputLabels, ThatAreSeveralAnExampleAreMovedWithTheirTask) {
  TaskInfo info = task("multi_label_classification", {"a", "b", "c"});
  Dataset data;
  data.examples.resize(1);
  data.examples[0].labels = {0, 1};
  reorder_labels({"c", "b", "a"}, info, data);
  EXPECT_THAT(*data.examples[0].labels, ElementsAre(1, 2));
}

}  // namespace
}  // namespace hiddenkey
