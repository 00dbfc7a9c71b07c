#include "task/load_dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "core/file.h"
#include "core/text.h"
#include "data/task.h"
#include "task/encode_texts.h"

namespace hiddenkey {
namespace {

using testing::ElementsAre;

class LoaderTest : public testing::Test {
 protected:
  void SetUp() override {
    make_writable_folder(folder_);
    setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1);
    write_file_atomically(folder_ / "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\n");
    config_.train = (folder_ / "train.tsv").string();
    config_.text_columns = {"text"};
    write_file_atomically(config_.train, "text\tlabel\na b c\tyes\nb\tno\n");
  }
  void TearDown() override {
    if (old_cache_) setenv("XDG_CACHE_HOME", old_cache_->c_str(), 1);
    if (!old_cache_) unsetenv("XDG_CACHE_HOME");
    fs::remove_all(folder_);
  }

  Dataset load(int64_t max_length = 16) {
    task_ = make_task(task_info(config_));
    return load_dataset(config_, *task_, "train", Tokenizer::load(folder_), max_length);
  }
  std::vector<fs::path> cached() const {
    std::vector<fs::path> files;
    if (!fs::exists(folder_ / "cache")) return files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "cache")) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    return files;
  }
  void expect_the_examples(const Dataset& data) const {
    ASSERT_EQ(data.examples.size(), 2U);
    EXPECT_THAT(data.examples[0].ids, ElementsAre(2, 5, 6, 7, 3));
    EXPECT_THAT(data.examples[1].ids, ElementsAre(2, 6, 3));
    EXPECT_EQ(data.examples[0].label, 1);
    EXPECT_EQ(data.tokens, 8);
    EXPECT_THAT(task_->info.labels, ElementsAre("no", "yes"));
  }

  fs::path folder_ = fs::path(testing::TempDir()) / cat("hiddenkey-loader-", getpid());
  std::optional<std::string> old_cache_ = std::getenv("XDG_CACHE_HOME") == nullptr
                                              ? std::nullopt
                                              : std::optional<std::string>(std::getenv("XDG_CACHE_HOME"));
  TaskConfig config_;
  std::unique_ptr<Task> task_;
};

TEST_F(LoaderTest, TheCacheGivesWhatReadingGave) {
  expect_the_examples(load());
  ASSERT_EQ(cached().size(), 1U);
  expect_the_examples(load());
  EXPECT_EQ(cached().size(), 1U);
}

TEST_F(LoaderTest, TheCacheIsReallyRead) {
  load();
  const auto before = fs::last_write_time(cached()[0]);
  load();
  EXPECT_EQ(fs::last_write_time(cached()[0]), before);
}

TEST_F(LoaderTest, ADamagedCacheIsMadeAnew) {
  load();
  const fs::path file = cached()[0];
  const std::string whole = read_file(file);
  for (const std::string& damaged : {std::string(), whole.substr(0, whole.size() / 2), whole + "x"}) {
    write_file_atomically(file, damaged);
    expect_the_examples(load());
    EXPECT_EQ(read_file(file), whole);
  }
}

TEST_F(LoaderTest, OtherTextLengthOrVocabularyIsAnotherCache) {
  load();
  EXPECT_EQ(load(3).truncated, 1);
  EXPECT_EQ(cached().size(), 2U);
  write_file_atomically(config_.train, "text\tlabel\nc\tyes\nb\tno\n");
  EXPECT_THAT(load().examples[0].ids, ElementsAre(2, 7, 3));
  EXPECT_EQ(cached().size(), 3U);
  write_file_atomically(folder_ / "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nc\nb\na\n");
  EXPECT_THAT(load().examples[0].ids, ElementsAre(2, 5, 3));
  EXPECT_EQ(cached().size(), 4U);
}

TEST_F(LoaderTest, ACacheThatCannotBeWrittenIsDoneWithout) {
  write_file_atomically(folder_ / "cache", "a file where the folder should be");
  expect_the_examples(load());
}

TEST_F(LoaderTest, ManyTextsKeepTheirOrder) {
  std::vector<TextExample> texts;
  for (int i = 0; i < 3000; ++i)
    texts.push_back({std::to_string(i), i % 3 == 0 ? "a" : "b c", std::nullopt, i, "", "", ""});
  const Dataset data = encode_texts(texts, Tokenizer::load(folder_), 16, "train");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    ASSERT_EQ(data.examples[i].id, texts[i].id);
    ASSERT_EQ(data.examples[i].ids.size(), i % 3 == 0 ? 3U : 4U);
  }
}

}  // namespace
}  // namespace hiddenkey
