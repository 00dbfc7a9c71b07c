#include <gtest/gtest.h>

#include <cstdlib>

#include "core/file.h"
#include "data/generation.h"
#include "data/reader.h"
#include "data/sources/webnlg.h"
#include "data/task.h"

namespace hiddenkey {
namespace {

/// The published files, where they are.
class PublishedData : public testing::Test {
 protected:
  void SetUp() override {
    const char* given = std::getenv("HIDDENKEY_DATA");
    data_ = given == nullptr ? "../shared/data" : given;
    if (!fs::is_directory(data_ / "e2e") || !fs::is_directory(data_ / "webnlg"))
      GTEST_SKIP() << data_ << " holds no e2e and webnlg; point HIDDENKEY_DATA at a folder that does";
  }
  TaskConfig config(const char* name, const char* format = "") const {
    TaskConfig config;
    config.name = name;
    config.data_dir = (data_ / name).string();
    config.format = format;
    return config;
  }
  static std::vector<TextExample> read(const TaskConfig& config, const char* split) {
    TaskInfo task = task_info(config);
    Notes notes;
    return read_split(config, task, split, notes);
  }

  fs::path data_;
};

struct Count {
  const char *task, *format, *split;
  std::size_t examples, items;
};

TEST_F(PublishedData, HasTheKnownNumbersOfExamplesAndItems) {
  const Count counts[] = {
      {"e2e", "csv", "train", 42061, 4862},  {"e2e", "csv", "dev", 4672, 547},  {"e2e", "csv", "test", 4693, 630},
      {"e2e", "lora", "train", 42061, 4862}, {"e2e", "lora", "dev", 4672, 547}, {"e2e", "lora", "test", 4693, 630},
      {"webnlg", "", "train", 18025, 6935},  {"webnlg", "", "dev", 2258, 871},  {"webnlg", "", "test", 4928, 1862}};
  for (const Count& count : counts) {
    const TaskConfig task = config(count.task, count.format);
    EXPECT_EQ(read(task, count.split).size(), count.examples)
        << count.task << " " << count.format << " " << count.split;
    EXPECT_EQ(read_generation_items(task, count.split).size(), count.items) << count.task << " " << count.split;
  }
}

TEST_F(PublishedData, TheMeaningsOfTheCsvAreThoseOfTheTokenisedText) {
  for (const char* split : {"train", "dev", "test"}) {
    const std::vector<TextExample> csv = read(config("e2e"), split), lora = read(config("e2e", "lora"), split);
    ASSERT_EQ(csv.size(), lora.size());
    std::size_t equal = 0;
    for (std::size_t i = 0; i < csv.size(); ++i) {
      equal += csv[i].text == lora[i].text ? 1 : 0;
      ASSERT_EQ(csv[i].group, lora[i].group);
    }
    EXPECT_EQ(equal, csv.size()) << split;
  }
}

TEST_F(PublishedData, WebnlgsTestSetIsSeenAndUnseen) {
  std::size_t seen = 0, unseen = 0;
  for (const GenerationItem& item : read_generation_items(config("webnlg"), "test")) {
    seen += item.part == "seen" ? 1 : 0;
    unseen += item.part == "unseen" ? 1 : 0;
  }
  EXPECT_EQ(seen, 971U);
  EXPECT_EQ(unseen, 891U);
}

TEST_F(PublishedData, WebnlgsXmlHoldsWhatItsJsonHolds) {
  const std::pair<const char*, const char*> pairs[] = {
      {"train.json", "train"}, {"dev.json", "dev"}, {"test.json", "test/testdata_with_lex.xml"}};
  for (const auto& [json, xml] : pairs) {
    const auto one = read_webnlg(data_ / "webnlg" / json), other = read_webnlg(data_ / "webnlg" / xml);
    ASSERT_EQ(one.size(), other.size()) << json;
    for (std::size_t i = 0; i < one.size(); ++i) {
      ASSERT_EQ(one[i].text, other[i].text) << json << " " << i;
      ASSERT_EQ(one[i].completion, other[i].completion) << json << " " << i;
      ASSERT_EQ(one[i].group, other[i].group) << json << " " << i;
      ASSERT_EQ(one[i].part, other[i].part) << json << " " << i;
    }
  }
}

}  // namespace
}  // namespace hiddenkey
