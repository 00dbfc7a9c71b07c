#include "data/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "data/class_counts.h"
#include "data/task.h"

namespace hiddenkey {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Names = std::vector<std::string>;

TaskInfo task(const std::string& name, const Names& labels = {}) {
  TaskConfig config;
  config.name = name;
  config.labels = labels;
  return task_info(config);
}

std::string fault(const std::string& bytes, TableFormat format, const TaskInfo& info) {
  Notes notes;
  try {
    const Table table = parse_table(bytes, "f", format);
    if (info.labels.empty() && info.kind == TaskKind::kClassification) labels_in(table, "label", info.kind);
    std::vector<TextExample> examples(table.rows.size());
    read_labels(table, "label", info, examples, notes);
    return "";
  } catch (const DataError& error) {
    return error.what();
  }
}

TEST(Labels, ThatAreMissingOrNoLabelsNameTheirLine) {
  const TaskInfo own = task("classification"), known = task("classification", {"0", "1"});
  for (const TaskInfo& info : {own, known}) {
    EXPECT_THAT(fault("label,t\n0,a\n,b\n", TableFormat::kCsv, info),
                HasSubstr("f:3: the label (\"label\") is missing"));
    EXPECT_THAT(fault("{\"label\": 0}\n{\"label\": null}", TableFormat::kJsonl, info), HasSubstr("f:2: the label"));
    EXPECT_THAT(fault("{\"label\": 0}\n{\"t\": 1}", TableFormat::kJsonl, info), HasSubstr("f:2: the label"));
    EXPECT_THAT(fault("{\"label\": 0}\n{\"label\": [1]}", TableFormat::kJsonl, info),
                HasSubstr("f:2: the label is a list; expected text, a number or a truth value"));
    EXPECT_THAT(fault("label\n0\n\xff\n", TableFormat::kTsv, info),
                HasSubstr("f:3: the label holds bytes that are not UTF-8"));
  }
  EXPECT_THAT(fault("{\"label\": 1}\n{\"label\": true}", TableFormat::kJsonl, own),
              HasSubstr("f:2: the label is a truth value, and that of line 1 is a number"));
  EXPECT_THAT(fault("label,t\n0.5,a\n,b\n", TableFormat::kCsv, task("regression")), HasSubstr("f:3: the label"));
}

TEST(Labels, InAnotherCaseAreTakenAndNoted) {
  Notes notes;
  const Table table = parse_table("label\nNegative\npositive\n", "f", TableFormat::kTsv);
  std::vector<TextExample> examples(2);
  read_labels(table, "label", task("classification", {"POSITIVE", "NEGATIVE"}), examples, notes);
  EXPECT_EQ(examples[0].label, 1);
  EXPECT_EQ(examples[1].label, 0);
  EXPECT_THAT(notes,
              ElementsAre("2 labels differ from the task's in case alone: \"Negative\" is taken as \"NEGATIVE\""));
}

std::vector<std::vector<int32_t>> label_sets(const std::string& bytes, TableFormat format, const Names& labels) {
  const Table table = parse_table(bytes, "f", format);
  Notes notes;
  std::vector<TextExample> examples(table.rows.size());
  read_labels(table, "label", task("multi_label_classification", labels), examples, notes);
  std::vector<std::vector<int32_t>> sets;
  for (const TextExample& example : examples) sets.push_back(*example.labels);
  return sets;
}

TEST(SeveralLabels, AreAListOrTextWithCommasOrAColumnForEachLabel) {
  const std::vector<std::vector<int32_t>> expected = {{0, 2}, {}, {1}};
  const Names labels = {"joy", "fear", "anger"};
  EXPECT_EQ(label_sets("{\"label\": [\"anger\", \"joy\"]}\n{\"label\": []}\n{\"label\": \"fear\"}\n",
                       TableFormat::kJsonl, labels),
            expected);
  EXPECT_EQ(label_sets("label\tid\njoy, anger,joy\t1\n\t2\nfear\t3\n", TableFormat::kTsv, labels), expected);
  EXPECT_EQ(label_sets("anger,fear,joy\n1,0,1\n0,0,0\n0,1,0\n", TableFormat::kCsv, labels), expected);
}

TEST(SeveralLabels, ThatAreNoneOfTheTasksNameTheirLine) {
  const TaskInfo info = task("multi_label_classification", {"joy", "fear"});
  EXPECT_THAT(fault("label\tid\njoy\t1\njoy,far\t2\n", TableFormat::kTsv, info),
              HasSubstr("f:3: the label \"far\" is none of joy, fear (did you mean \"fear\"?)"));
  EXPECT_THAT(fault("joy,fear\n1,0\n0,2\n", TableFormat::kCsv, info), HasSubstr("f:3: \"fear\" is \"2\""));
  EXPECT_THAT(fault("{\"label\": [\"joy\", null]}", TableFormat::kJsonl, info), HasSubstr("f:1: \"label\" holds null"));
  EXPECT_THAT(fault("text\nx\n", TableFormat::kTsv, info), HasSubstr("has no column \"label\""));
}

TEST(SeveralLabels, AreFoundInAllLists) {
  const Table table = parse_table("label\tid\nb,a\t1\n\t2\nc\t3\n", "f", TableFormat::kTsv);
  EXPECT_THAT(labels_in(table, "label", TaskKind::kMultiLabel), ElementsAre("a", "b", "c"));
}

TEST(Notes, CountEmptyTextsAndBytesThatAreNotUtf8) {
  Notes notes;
  std::vector<TextExample> examples(3);
  examples[0].text = "gr\xC3\xBC\xC3\x9F";
  examples[1].line = 7;
  examples[2].text = "\xff";
  note_texts(examples, notes);
  EXPECT_THAT(notes, ElementsAre("1 example has an empty text (the first in line 7)",
                                 "1 example has bytes that are not UTF-8; they are read as U+FFFD"));
}

TEST(ClassCounts, NameTheLargestAndThoseThatAreTooSmall) {
  Dataset data;
  for (int i = 0; i < 9; ++i) data.examples.push_back({"", {}, {}, i < 6 ? 0.0 : 1.0});
  const TaskInfo info = task("mnli");
  EXPECT_EQ(describe_classes(info, data), "entailment 6, neutral 3, contradiction 0 (the largest: 66.7%)");
  EXPECT_EQ(describe_small_classes(info, data),
            "classes have too few training examples to be learnt: neutral 3, contradiction 0");
  data.examples.assign(20, {"", {}, {}, 0.0});
  for (int i = 0; i < 10; ++i) data.examples[static_cast<std::size_t>(i)].label = 1;
  EXPECT_THAT(describe_small_classes(task("rte"), data), IsEmpty());
}

TEST(Metrics, ThatAreAMeanOverClassesSaySo) {
  EXPECT_EQ(describe_metrics(task("classification", {"a", "b", "c"})),
            "accuracy, f1 (macro: the mean over the classes), matthews");
  EXPECT_EQ(describe_metrics(task("mrpc")), "accuracy, f1");
}

}  // namespace
}  // namespace hiddenkey
