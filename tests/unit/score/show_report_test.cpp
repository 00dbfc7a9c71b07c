#include "score/show_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/text.h"

namespace hiddenkey {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Example i is of class i % classes, and each third one is taken for the class behind.
ClassReport report_of(std::size_t classes, std::size_t examples, const std::string& prefix = "class-") {
  std::vector<std::string> names;
  std::vector<int> labels, predictions;
  for (std::size_t i = 0; i < classes; ++i) names.push_back(cat(prefix, i));
  for (std::size_t i = 0; i < examples; ++i) {
    labels.push_back(static_cast<int>(i % classes));
    predictions.push_back(static_cast<int>((i + (i % 3 == 0 ? 1 : 0)) % classes));
  }
  return class_report(names, predictions, labels);
}

std::size_t longest_line(const std::string& text) {
  std::size_t longest = 0;
  for (const std::string& line : split(text, '\n')) longest = std::max(longest, line.size());
  return longest;
}

TEST(ReportText, OfTwoClassesIsATableAndAMatrixUnderTheirNames) {
  EXPECT_EQ(report_text(class_report({"no", "yes"}, {0, 1, 1, 1}, {0, 0, 1, 1})),
            "class       precision  recall      f1  support\n"
            "no             1.0000  0.5000  0.6667        2\n"
            "yes            0.6667  1.0000  0.8000        2\n"
            "(macro)        0.8333  0.7500  0.7333        4\n"
            "(weighted)     0.8333  0.7500  0.7333        4\n"
            "\n"
            "how often a class (row) was taken for which (column):\n"
            "     no  yes\n"
            "no    1    1\n"
            "yes   0    2\n");
}

TEST(ReportText, OfTwentyClassesHasEachOfThemAndAMatrixUnderTheirNumbers) {
  const std::string text = report_text(report_of(20, 200, "a class with a name that is not short "));
  EXPECT_THAT(text, HasSubstr("a class with a name that is not short 19"));
  EXPECT_THAT(text, HasSubstr("\n20 a class with a name"));
  EXPECT_LE(longest_line(text), 140U);
}

TEST(ReportText, OfManyClassesHasTheWorstAndTheMostFrequentConfusions) {
  const std::string text = report_text(report_of(150, 900));
  EXPECT_THAT(text, HasSubstr("the 20 with the lowest f1, of 150:\n"));
  EXPECT_THAT(text, HasSubstr("(macro)"));
  EXPECT_THAT(text, HasSubstr("the most frequent confusions:\nclass"));
  EXPECT_LE(split(text, '\n').size(), 45U);
}

TEST(ReportText, OfManyClassesWithoutAMistakeSaysSo) {
  std::vector<std::string> names;
  std::vector<int> labels;
  for (int i = 0; i < 30; ++i) {
    names.push_back(std::to_string(i));
    labels.push_back(i);
  }
  EXPECT_THAT(report_text(class_report(names, labels, labels)), HasSubstr("no example was taken for another class"));
}

TEST(ReportText, ANameIsOneShortLineWhateverItHolds) {
  const std::string text = report_text(class_report({"a\nb\x1b[2J", std::string(200, 'x')}, {0, 1}, {0, 1}));
  EXPECT_THAT(text, HasSubstr("a\\x0ab\\x1b[2J"));
  EXPECT_THAT(text, HasSubstr("xxx..."));
  EXPECT_LE(longest_line(text), 100U);
}

TEST(ReportText, OfSeveralLabelsAnExampleHasNoMatrix) {
  const LabelMatrix labels = {{1, 0}, {1, 1}};
  const std::string text = report_text(label_report({"a", "b"}, labels, labels));
  EXPECT_THAT(text, HasSubstr("(micro)"));
  EXPECT_THAT(text, Not(HasSubstr("taken for")));
}

TEST(ReportJson, HoldsAllOfIt) {
  const nlohmann::ordered_json json = report_json(class_report({"no", "yes"}, {0, 1, 1, 1}, {0, 0, 1, 1}));
  EXPECT_EQ(json.dump(), R"({"baseline":{"answer":"no","accuracy":0.5},"classes":[)"
                         R"({"name":"no","precision":1.0,"recall":0.5,"f1":0.6666666666666666,"support":2},)"
                         R"({"name":"yes","precision":0.6666666666666666,"recall":1.0,"f1":0.8,"support":2}],)"
                         R"("confusion":{"no":{"no":1,"yes":1},"yes":{"yes":2}}})");
  EXPECT_EQ(report_json(report_of(150, 900)).at("classes").size(), 150U);
}

TEST(Baseline, IsDescribedByItsAnswer) {
  EXPECT_EQ(describe_baseline({"positive", 0.54213}), "always answering \"positive\" has an accuracy of 0.5421");
}

}  // namespace
}  // namespace hiddenkey
