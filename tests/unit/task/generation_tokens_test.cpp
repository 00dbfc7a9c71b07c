#include "data/generation_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "data/task.h"
#include "data/token_cache.h"
#include "task/load_dataset.h"

namespace hiddenkey {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

fs::path published() {
  const char* given = std::getenv("HIDDENKEY_DATA");
  return given == nullptr ? "../shared/data" : given;
}

class GenerationTokensTest : public testing::Test {
 protected:
  void SetUp() override { make_writable_folder(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  /// A byte BPE of some letters; which special tokens it has is told by `special`.
  Tokenizer letters(const std::string& special) {
    write_file_atomically(folder_ / "vocab.json",
                          "{\"<b>\": 0, \"<e>\": 1, \"a\": 2, \"b\": 3, \"\u0120\": 4, \"\u0120a\": 5}");
    write_file_atomically(folder_ / "merges.txt", "#version: 0.2\n\u0120 a\n");
    write_file_atomically(folder_ / "special_tokens_map.json", special);
    write_file_atomically(folder_ / "tokenizer_config.json", "{\"tokenizer_class\": \"GPT2Tokenizer\"}");
    return Tokenizer::load(folder_);
  }
  /// One that puts <b> in front of a text and <e> behind it.
  Tokenizer framed() {
    write_file_atomically(folder_ / "special_tokens_map.json", R"({"bos_token": "<b>", "eos_token": "<e>"})");
    write_file_atomically(folder_ / "tokenizer.json", R"({
      "added_tokens": [{"id": 0, "content": "<b>", "special": true, "normalized": false, "single_word": false,
                        "lstrip": false, "rstrip": false},
                       {"id": 1, "content": "<e>", "special": true, "normalized": false, "single_word": false,
                        "lstrip": false, "rstrip": false}],
      "normalizer": null,
      "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
      "post_processor": {"type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<b>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                   {"SpecialToken": {"id": "<e>", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<b>": {"id": "<b>", "ids": [0], "tokens": ["<b>"]},
                           "<e>": {"id": "<e>", "ids": [1], "tokens": ["<e>"]}}},
      "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
      "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
                "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
                "vocab": {"<b>": 0, "<e>": 1, "a": 2, "b": 3, "Ġ": 4, "Ġa": 5}, "merges": ["Ġ a"]}})");
    return Tokenizer::load(folder_);
  }
  static TextExample example(const std::string& prompt, const std::string& completion) {
    TextExample example;
    example.text = prompt;
    example.completion = completion;
    return example;
  }

  fs::path folder_ = fs::path(testing::TempDir()) / cat("hiddenkey-generation-tokens-", getpid());
};

TEST_F(GenerationTokensTest, AnE2eExampleIsPromptSeparatorCompletionAndEnd) {
  const Tokenizer tokenizer = letters(R"({"bos_token": "<b>", "eos_token": "<e>"})");
  const Dataset data = tokenize_generation({example("ab", " a b \n")}, tokenizer, "e2e", 0, "train");
  ASSERT_EQ(data.examples.size(), 1U);
  EXPECT_THAT(data.examples[0].ids, ElementsAre(2, 3, 0, 5, 4, 3, 1));
  EXPECT_EQ(data.examples[0].prompt_length, 3);
  EXPECT_EQ(data.examples[0].type_ids.size(), 7U);
  EXPECT_EQ(data.tokens, 7);
  EXPECT_THAT(prompt_ids(tokenizer, "webnlg", "ab"), ElementsAre(2, 3, 0));
}

TEST_F(GenerationTokensTest, OnesOwnCompletionFollowsThePromptAsItIs) {
  const Tokenizer tokenizer = letters(R"({"bos_token": "<b>", "eos_token": "<e>"})");
  const Dataset data = tokenize_generation({example("ab", "a ")}, tokenizer, "generation", 0, "train");
  EXPECT_THAT(data.examples[0].ids, ElementsAre(2, 3, 2, 4, 1));
  EXPECT_EQ(data.examples[0].prompt_length, 2);
}

TEST_F(GenerationTokensTest, SpecialTokensStandInFrontOfThePromptAlone) {
  const Tokenizer tokenizer = framed();
  ASSERT_THAT(tokenizer.encode("ab").ids, ElementsAre(0, 2, 3, 1));
  EXPECT_THAT(prompt_ids(tokenizer, "generation", "ab"), ElementsAre(0, 2, 3));
  EXPECT_THAT(prompt_ids(tokenizer, "e2e", "ab"), ElementsAre(0, 2, 3, 0));
  EXPECT_THAT(completion_ids(tokenizer, "generation", "ab"), ElementsAre(2, 3, 1));
  EXPECT_THAT(completion_ids(tokenizer, "e2e", "ab"), ElementsAre(5, 3, 1));
}

// As in Transformers, GPT2Tokenizer adds its <|endoftext|> to a vocabulary that lacks it.
TEST_F(GenerationTokensTest, TheClasssOwnBeginningTokenSeparatesWhereNoneIsNamed) {
  EXPECT_THAT(prompt_ids(letters(R"({"eos_token": "<e>"})"), "e2e", "a"), ElementsAre(2, 6));
}

TEST_F(GenerationTokensTest, AMissingSpecialTokenIsNamed) {
  write_file_atomically(folder_ / "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n");
  const Tokenizer tokenizer = Tokenizer::load(folder_);
  for (const char* task : {"e2e", "generation"}) {
    try {
      tokenize_generation({example("a", "a")}, tokenizer, task, 0, "train");
      FAIL();
    } catch (const ModelError& error) {
      EXPECT_THAT(error.what(), HasSubstr("eos_token"));
    }
  }
}

TEST_F(GenerationTokensTest, WhatIsTooLongIsLeftOutWhole) {
  const Tokenizer tokenizer = letters(R"({"bos_token": "<b>", "eos_token": "<e>"})");
  const std::vector<TextExample> texts = {example("ab", "a"), example("ab", "aaaaaa"), example("b", "a")};
  const Dataset data = tokenize_generation(texts, tokenizer, "e2e", 5, "train");
  ASSERT_EQ(data.examples.size(), 2U);
  EXPECT_EQ(data.left_out, 1);
  EXPECT_EQ(data.truncated, 0);
  EXPECT_EQ(data.tokens, 9);
  EXPECT_THAT(data.examples[0].ids, ElementsAre(2, 3, 0, 5, 1));
  EXPECT_THAT(data.examples[1].ids, ElementsAre(3, 0, 5, 1));
  EXPECT_THROW(tokenize_generation(texts, tokenizer, "e2e", 3, "train"), DataError);
}

TEST_F(GenerationTokensTest, TheCacheKeepsPromptLengths) {
  Dataset data;
  data.split = "train";
  data.left_out = 7;
  data.examples.resize(2);
  data.examples[0] = {"0", {1, 2, 3}, {0, 0, 0}, std::nullopt, 2};
  data.examples[1] = {"1", {4, 5}, {0, 0}, std::nullopt, 1};
  std::vector<std::string> labels;
  const std::optional<Dataset> read = from_cache_bytes(to_cache_bytes(data, {}), labels);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->left_out, 7);
  EXPECT_EQ(read->examples[0].prompt_length, 2);
  EXPECT_EQ(read->examples[1].prompt_length, 1);
  EXPECT_THAT(read->examples[1].ids, ElementsAre(4, 5));
}

class PublishedTokens : public GenerationTokensTest {
 protected:
  void SetUp() override {
    GenerationTokensTest::SetUp();
    if (!fs::is_directory(published() / "tokenizers" / "gpt2") || !fs::is_directory(published() / "e2e"))
      GTEST_SKIP() << published() << " holds no e2e and tokenizers; point HIDDENKEY_DATA at a folder that does";
    if (const char* old = std::getenv("XDG_CACHE_HOME")) old_cache_ = old;
    setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1);
  }
  void TearDown() override {
    if (old_cache_) setenv("XDG_CACHE_HOME", old_cache_->c_str(), 1);
    if (!old_cache_) unsetenv("XDG_CACHE_HOME");
    GenerationTokensTest::TearDown();
  }
  static Tokenizer tokenizer(const char* name) { return Tokenizer::load(published() / "tokenizers" / name); }
  static Dataset load(const char* task, const char* format, const char* split, int64_t max_length = 512) {
    TaskConfig config;
    config.name = task;
    config.data_dir = (published() / task).string();
    config.format = format;
    return load_dataset(config, *make_task(task_info(config)), split, tokenizer("gpt2"), max_length);
  }

  std::optional<std::string> old_cache_;
};

// The ids of texts in the following tests are those of `tokenizers` 0.23.3 (GPT-2) and Transformers 5.23.0 (LLaMA).
TEST_F(PublishedTokens, Gpt2sFirstExampleOfE2e) {
  const Dataset data = load("e2e", "lora", "train");
  EXPECT_THAT(
      data.examples.at(0).ids,
      ElementsAre(3672, 1058, 383, 21314, 930, 5994, 1058, 2240, 930, 2756, 1058, 517, 621, 4248, 1542, 930, 6491, 7955,
                  1058, 642, 503, 286, 642, 930, 1474, 1058, 42151, 1215, 380, 1512, 50256, 383, 21314, 2240, 1474,
                  42151, 1215, 380, 1512, 468, 257, 642, 3491, 7955, 764, 29431, 923, 379, 4248, 1542, 764, 50256));
  EXPECT_EQ(data.examples[0].prompt_length, 31);
}

TEST_F(PublishedTokens, Gpt2sFirstExampleOfWebnlgsTestSet) {
  const Dataset data = load("webnlg", "", "test");
  EXPECT_THAT(data.examples.at(0).ids,
              ElementsAre(4826, 346, 1734, 62, 8081, 1538, 62, 16170, 634, 1058, 1748, 50, 8520, 1058, 2275, 346, 1734,
                          11, 62, 21607, 50256, 2275, 346, 1734, 11, 3936, 318, 4983, 416, 262, 2275, 346, 1734, 7915,
                          9003, 13, 50256));
  EXPECT_EQ(data.examples[0].prompt_length, 21);
}

TEST_F(PublishedTokens, Gpt2HasTheKnownNumberOfTokens) {
  EXPECT_EQ(load("e2e", "lora", "train").tokens, 2243025);
  EXPECT_EQ(load("e2e", "lora", "dev").tokens, 276370);
  EXPECT_EQ(load("e2e", "lora", "test").tokens, 314410);
  EXPECT_EQ(load("webnlg", "", "train").tokens, 1380376);
  EXPECT_EQ(load("webnlg", "", "dev").tokens, 178443);
  EXPECT_EQ(load("webnlg", "", "test").tokens, 374049);
  EXPECT_EQ(load("webnlg", "", "dev", 257).left_out, 0);
  EXPECT_EQ(load("webnlg", "", "dev", 256).left_out, 1);
}

TEST_F(PublishedTokens, TheCacheGivesWhatReadingGave) {
  const Dataset made = load("webnlg", "", "dev", 256), read = load("webnlg", "", "dev", 256);
  ASSERT_EQ(made.examples.size(), read.examples.size());
  EXPECT_EQ(read.left_out, 1);
  EXPECT_EQ(read.tokens, made.tokens);
  for (std::size_t i = 0; i < made.examples.size(); ++i) {
    ASSERT_EQ(made.examples[i].ids, read.examples[i].ids);
    ASSERT_EQ(made.examples[i].prompt_length, read.examples[i].prompt_length);
  }
}

TEST_F(PublishedTokens, LlamasBeginningStandsInFrontAndSeparates) {
  const Tokenizer llama = tokenizer("llama2");
  EXPECT_THAT(prompt_ids(llama, "e2e", "name : Aromi"), ElementsAre(1, 1024, 584, 319, 456, 29875, 1));
  EXPECT_THAT(completion_ids(llama, "e2e", "Aromi is near ."), ElementsAre(319, 456, 29875, 338, 2978, 869, 2));
  EXPECT_THAT(prompt_ids(llama, "generation", "name : Aromi"), ElementsAre(1, 1024, 584, 319, 456, 29875));
  EXPECT_THAT(completion_ids(llama, "generation", "Aromi is near ."), ElementsAre(319, 456, 29875, 338, 2978, 869, 2));
}

}  // namespace
}  // namespace hiddenkey
