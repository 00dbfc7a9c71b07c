#include "data/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "data/task.h"

namespace hiddenkey {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ReaderTest : public testing::Test {
 protected:
  void SetUp() override { make_writable_folder(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { write_file_atomically(folder_ / name, text); }
  TaskConfig glue(const std::string& name) const {
    TaskConfig config;
    config.name = name;
    config.data_dir = folder_.string();
    return config;
  }
  TaskConfig own(const std::string& name) const {
    TaskConfig config;
    config.name = name;
    config.train = (folder_ / "train.tsv").string();
    config.text_columns = {"text"};
    return config;
  }
  static std::vector<TextExample> read(const TaskConfig& config, const std::string& split) {
    TaskInfo task = task_info(config);
    Notes notes;
    return read_split(config, task, split, notes);
  }
  static std::string failure(const TaskConfig& config, const std::string& split = "train") {
    try {
      read(config, split);
      return "";
    } catch (const DataError& error) {
      return error.what();
    }
  }

  fs::path folder_ = fs::path(testing::TempDir()) / cat("hiddenkey-reader-", getpid());
};

TEST_F(ReaderTest, ColaHasNoHeaderButInItsTestFile) {
  write("train.tsv", "gj04\t1\t\tOurs won.\ngj04\t0\t*\tOurs \"won.\n");
  write("test.tsv", "index\tsentence\n7\tBill sang.\n");
  const auto train = read(glue("cola"), "train"), test = read(glue("cola"), "test");
  ASSERT_EQ(train.size(), 2U);
  EXPECT_EQ(train[1].text, "Ours \"won.");
  EXPECT_EQ(train[1].id, "1");
  EXPECT_EQ(train[1].label, 0);
  EXPECT_EQ(test[0].id, "7");
  EXPECT_FALSE(test[0].label);
  EXPECT_THAT(splits(glue("cola")), ElementsAre("train", "test"));
}

TEST_F(ReaderTest, MnliHasMatchedAndMismatchedSplits) {
  const std::string header = "index\tsentence1\tsentence2\tgold_label\n";
  write("train.tsv", header + "0\ta\tb\tneutral\n");
  write("dev_matched.tsv", header + "0\tc\td\tentailment\n");
  write("dev_mismatched.tsv", header + "0\te\tf\tcontradiction\n");
  EXPECT_EQ(read(glue("mnli"), "dev")[0].label, 0);
  EXPECT_EQ(read(glue("mnli"), "dev_mismatched")[0].pair, "f");
  EXPECT_EQ(read(glue("mnli"), "dev_mismatched")[0].label, 2);
  EXPECT_THAT(splits(glue("mnli")), ElementsAre("train", "dev", "dev_mismatched"));
}

TEST_F(ReaderTest, QqpPassesOverItsBrokenRowsAndTestHasOtherColumns) {
  write("train.tsv",
        "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n5\t1\t2\ta\tb\t1\nbroken\n6\t3\t4\tc\td\t0\n");
  write("test.tsv", "id\tquestion1\tquestion2\n9\te\tf\n");
  const auto train = read(glue("qqp"), "train");
  ASSERT_EQ(train.size(), 2U);
  EXPECT_EQ(train[1].id, "6");
  EXPECT_EQ(read(glue("qqp"), "test")[0].pair, "f");
}

TEST_F(ReaderTest, SaysLineAndLabelsOfALabelThatIsNotKnown) {
  const std::string header = "index\tsentence1\tsentence2\tlabel\n";
  write("train.tsv", header + "0\ta\tb\tentailment\n1\ta\tb\tentailmnt\n");
  EXPECT_EQ(failure(glue("rte")), (folder_ / "train.tsv").string() +
                                      ":3: the label \"entailmnt\" is none of entailment, not_entailment (did you mean "
                                      "\"entailment\"?)");
  write("train.tsv", header + "0\ta\tb\t-1\n");
  EXPECT_THAT(failure(glue("rte")), HasSubstr(":2: the label \"-1\" is none of"));
  write("train.tsv", header + "0\ta\tb\n");
  EXPECT_THAT(failure(glue("rte")), HasSubstr(":2: expected 4 fields, found 3"));
  EXPECT_THAT(failure(glue("rte"), "tset"), HasSubstr("no split \"tset\" (did you mean \"test\"?)"));
}

TEST_F(ReaderTest, FindsTheLabelsOfATaskOfOnesOwnInTheTrainingFile) {
  write("train.tsv", "text\tlabel\na\t10\nb\t9\nc\t10\n");
  write("dev.tsv", "text\tlabel\nd\t10\n");
  TaskConfig config = own("classification");
  config.validation = (folder_ / "dev.tsv").string();
  TaskInfo task = task_info(config);
  Notes notes;
  EXPECT_EQ(read_split(config, task, "dev", notes)[0].label, 1);
  EXPECT_THAT(task.labels, ElementsAre("9", "10"));
  write("train.tsv", "text\tlabel\na\tyes\nb\tno\n");
  task = task_info(config);
  read_split(config, task, "train", notes);
  EXPECT_THAT(task.labels, ElementsAre("no", "yes"));
}

TEST_F(ReaderTest, NamesAColumnNearTheOneThatIsMissing) {
  write("train.tsv", "texts\tlabel\na\t0.5\n");
  EXPECT_THAT(failure(own("regression")), HasSubstr("has no column \"text\" (did you mean \"texts\"?)"));
  write("train.tsv", "text\tlabel\na\t0.5\nb\tx\n");
  EXPECT_THAT(failure(own("regression")), HasSubstr(":3: the score \"x\" is no number"));
}

TEST_F(ReaderTest, InputsTakeTheirIdsFromTheFileOrCountFromZero) {
  const TaskConfig config = own("classification");
  Notes notes;
  const auto named = read_inputs(parse_table("id\ttext\nx7\ta\n", "f", TableFormat::kTsv), config, notes);
  const auto counted = read_inputs(parse_table("text\na\nb\n", "f", TableFormat::kTsv), config, notes);
  EXPECT_EQ(named[0].id, "x7");
  EXPECT_EQ(counted[1].id, "1");
  TaskConfig unknown = config;
  unknown.text_columns.clear();
  EXPECT_THROW(read_inputs(parse_table("text\na\n", "f", TableFormat::kTsv), unknown, notes), ConfigError);
  write("train.tsv", "text\tlabel\na\t0\nb\t1\n");
  EXPECT_THROW(read(unknown, "train"), ConfigError);
}

TEST_F(ReaderTest, AMissingFileAndASplitThatIsNotThereAreErrorsOfTheData) {
  EXPECT_EQ(failure(own("classification")), (folder_ / "train.tsv").string() + ": there is no such data file");
  EXPECT_EQ(failure(own("classification"), "test"),
            "the task classification has no split \"test\": no file is named for it; name one with task.test=FILE");
  EXPECT_THAT(failure(own("classification"), "dev"), HasSubstr("task.validation=FILE"));
  EXPECT_EQ(failure(glue("rte"), "validation"), "the task rte has no split \"validation\" (did you mean \"dev\"?)");
}

TEST_F(ReaderTest, AGlueTaskTakesAFileAndColumnsOfOnesOwn) {
  TaskConfig config = glue("rte");
  config.text_columns = {"p", "h"};
  config.validation = (folder_ / "mine.csv").string();
  write("mine.csv", "p,h,label\na,b,not_entailment\n");
  const auto examples = read(config, "dev");
  EXPECT_EQ(examples[0].pair, "b");
  EXPECT_EQ(examples[0].label, 1);
  Notes notes;
  EXPECT_EQ(read_inputs(parse_table("h\tp\nx\ty\n", "f", TableFormat::kTsv), config, notes)[0].text, "y");
}

TEST_F(ReaderTest, ATestFileMayDoWithoutLabelsAltogetherButNotInPart) {
  TaskConfig config = own("classification");
  config.labels = {"no", "yes"};
  config.test = (folder_ / "test.csv").string();
  write("test.csv", "text,label\na,\nb,\n");
  EXPECT_FALSE(read(config, "test")[0].label);
  write("test.csv", "text,label\na,no\nb,\n");
  EXPECT_THAT(failure(config, "test"), HasSubstr(":3: the label (\"label\") is missing"));
}

TEST_F(ReaderTest, ColumnsThatAreNamedTwiceAreRefused) {
  write("train.tsv", "text\tlabel\na\t0\nb\t1\n");
  TaskConfig config = own("classification");
  config.text_columns = {"text", "text"};
  EXPECT_THROW(read(config, "train"), ConfigError);
  config.text_columns = {"label"};
  EXPECT_THROW(read(config, "train"), ConfigError);
}

struct Count {
  const char *task, *folder, *split;
  std::size_t rows;
};

// Of the files as GLUE published them.
TEST(GlueFiles, HaveTheKnownNumberOfRows) {
  const char* given = std::getenv("HIDDENKEY_DATA");
  const fs::path data = fs::path(given == nullptr ? "../shared/data" : given) / "glue";
  if (!fs::is_directory(data)) GTEST_SKIP() << data << " is not there; point HIDDENKEY_DATA at a folder with glue";
  const std::vector<Count> counts = {
      {"cola", "CoLA", "train", 8551},   {"cola", "CoLA", "dev", 1043},  {"cola", "CoLA", "test", 1063},
      {"sst2", "SST-2", "train", 67349}, {"sst2", "SST-2", "dev", 872},  {"sst2", "SST-2", "test", 1821},
      {"mrpc", "MRPC", "train", 3668},   {"mrpc", "MRPC", "dev", 408},   {"mrpc", "MRPC", "test", 1725},
      {"stsb", "STS-B", "train", 5749},  {"stsb", "STS-B", "dev", 1500}, {"stsb", "STS-B", "test", 1379},
      {"qnli", "QNLI", "dev", 5463},     {"qnli", "QNLI", "test", 5463}, {"rte", "RTE", "train", 2490},
      {"rte", "RTE", "dev", 277},        {"rte", "RTE", "test", 3000},   {"wnli", "WNLI", "train", 635},
      {"wnli", "WNLI", "dev", 71},       {"wnli", "WNLI", "test", 146}};
  for (const Count& count : counts) {
    TaskConfig config;
    config.name = count.task;
    config.data_dir = (data / count.folder).string();
    if (!fs::is_directory(config.data_dir)) continue;
    TaskInfo task = task_info(config);
    Notes notes;
    const std::vector<TextExample> examples = read_split(config, task, count.split, notes);
    EXPECT_EQ(examples.size(), count.rows) << count.folder << " " << count.split;
    for (const TextExample& example : examples) {
      ASSERT_EQ(example.pair.has_value(), task.pair) << count.folder;
      ASSERT_EQ(example.label.has_value(), std::string(count.split) != "test") << count.folder;
    }
  }
}

}  // namespace
}  // namespace hiddenkey
