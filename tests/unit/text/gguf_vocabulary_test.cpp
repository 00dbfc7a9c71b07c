#include "text/gguf_vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "text/tokenizer.h"

namespace hiddenkey {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

GgufVocabulary byte_level(const std::string& pre) {
  GgufVocabulary made;
  made.model = "gpt2";
  made.pre = pre;
  made.tokens = {"a", "1", "2", "12", "Ġ", "Ġa", "aa", "<|end|>", "<tool>", "a1"};
  made.token_types = {1, 1, 1, 1, 1, 1, 1, 3, 4, 1};
  made.merges = {"1 2", "Ġ a", "a a", "a 1"};
  made.eos = made.bos = 7;
  return made;
}

GgufVocabulary llama() {
  GgufVocabulary made;
  made.model = "llama";
  made.tokens = {"<unk>", "<s>", "</s>", "▁", "a", "b", "▁a", "ab", "▁ab"};
  made.scores = {0, 0, 0, -9, -9, -9, -2, -1, -3};
  made.token_types = {2, 3, 3, 1, 1, 1, 1, 1, 1};
  for (const char* byte : {"<0xC3>", "<0xA9>"}) {
    made.tokens.emplace_back(byte);
    made.scores.push_back(0);
    made.token_types.push_back(6);
  }
  made.unknown = 0, made.bos = 1, made.eos = 2;
  made.add_bos = true;
  return made;
}

std::string failure(const GgufVocabulary& vocabulary) {
  try {
    Tokenizer::from_gguf(vocabulary);
    return "";
  } catch (const ModelError& error) {
    return error.what();
  }
}

TEST(GgufVocabulary, CutsWordsAsTheNameSays) {
  EXPECT_THAT(Tokenizer::from_gguf(byte_level("gpt-2")).encode_plain("aa 12a1"), ElementsAre(6, 4, 3, 0, 1));
  EXPECT_THAT(Tokenizer::from_gguf(byte_level("smollm")).encode_plain("12 a"), ElementsAre(1, 2, 5));
  EXPECT_THAT(Tokenizer::from_gguf(byte_level("qwen2")).encode_plain("12 a"), ElementsAre(1, 2, 5));
  EXPECT_THAT(Tokenizer::from_gguf(byte_level("llama-bpe")).encode_plain("12 a"), ElementsAre(3, 5));
  EXPECT_THAT(failure(byte_level("falcon")), HasSubstr("\"falcon\" is not supported"));
}

TEST(GgufVocabulary, TheDefaultRuleCutsMarksAndNumbersInThrees) {
  // llama.cpp cuts "1999" into "199" and "9".
  GgufVocabulary made = byte_level("default");
  for (const char* token : {"9", "19", "99", "199", "1999", ".", "a."}) made.tokens.emplace_back(token);
  made.token_types.clear();
  made.merges = {"1 9", "19 9", "199 9", "9 9", "a ."};
  for (const char* pre : {"", "default"}) {
    made.pre = pre;
    testing::internal::CaptureStderr();
    EXPECT_THAT(Tokenizer::from_gguf(made).encode_plain("1999a."), ElementsAre(13, 10, 0, 15));
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("llama.cpp's default rule"));
  }
  made.pre = "gpt-2";
  EXPECT_THAT(Tokenizer::from_gguf(made).encode_plain("1999"), ElementsAre(14));
}

TEST(GgufVocabulary, OtherNamesMeanTheSameWords) {
  const std::vector<std::vector<std::string>> same = {
      {"llama-bpe", "llama3", "llama-v3", "smaug-bpe", "falcon3", "dbrx"},
      {"qwen2", "deepseek-r1-qwen", "megrez", "stablelm2"},
      {"smollm", "starcoder", "command-r", "refact"},
      {"gpt-2", "phi-2", "mpt", "olmo"}};
  for (const auto& names : same) {
    const auto expected = Tokenizer::from_gguf(byte_level(names.front())).encode_plain("12 a1 aa");
    for (const std::string& name : names)
      EXPECT_EQ(Tokenizer::from_gguf(byte_level(name)).encode_plain("12 a1 aa"), expected) << name;
  }
}

TEST(GgufVocabulary, FindsAddedTokensAndLeavesSpecialOnesOut) {
  const Tokenizer tokenizer = Tokenizer::from_gguf(byte_level(""));
  const std::vector<int32_t> ids = tokenizer.encode_plain("a<|end|><tool> a");
  EXPECT_THAT(ids, ElementsAre(0, 7, 8, 5));
  EXPECT_EQ(tokenizer.decode(ids, false), "a<|end|><tool> a");
  EXPECT_EQ(tokenizer.decode(ids, true), "a<tool> a");
  EXPECT_EQ(tokenizer.token_of(5), "Ġa");
  EXPECT_THROW(tokenizer.token_of(10), ModelError);
  EXPECT_EQ(tokenizer.eos_id(), 7);
}

TEST(GgufVocabulary, LlamaMergesByScore) {
  const Tokenizer tokenizer = Tokenizer::from_gguf(llama());
  EXPECT_THAT(tokenizer.encode("ab a").ids, ElementsAre(1, 8, 6));
  EXPECT_THAT(tokenizer.encode("a", "b").ids, ElementsAre(1, 6, 1, 3, 5));
  EXPECT_THAT(tokenizer.encode_plain("é!!</s>b"), ElementsAre(3, 9, 10, 0, 2, 5)) << "bytes; one unknown for two";
  EXPECT_EQ(tokenizer.decode({1, 6, 9, 10, 8}, true), "aé ab");
  GgufVocabulary bare = llama();
  bare.add_space_prefix = false;
  EXPECT_THAT(Tokenizer::from_gguf(bare).encode("ab").ids, ElementsAre(1, 7));
}

TEST(GgufVocabulary, SaysWhatIsWrong) {
  GgufVocabulary wrong = llama();
  wrong.model = "t5";
  EXPECT_THAT(failure(wrong), HasSubstr("\"t5\" is not supported"));
  wrong = llama();
  wrong.scores.pop_back();
  EXPECT_THAT(failure(wrong), HasSubstr("scores: has 10 entries for 11 tokens"));
  wrong = llama();
  wrong.bos = 99;
  EXPECT_THAT(failure(wrong), HasSubstr("bos_token_id: 99 is no token"));
  wrong.bos.reset();
  EXPECT_THAT(failure(wrong), HasSubstr("add_bos_token: is set"));
  wrong = byte_level("");
  wrong.merges = {"aa"};
  EXPECT_THAT(failure(wrong), HasSubstr("\"aa\" is no pair"));
}

TEST(GgufVocabulary, EachFieldDecidesTheFingerprint) {
  const std::string first = Tokenizer::from_gguf(llama()).fingerprint();
  EXPECT_EQ(Tokenizer::from_gguf(llama()).fingerprint(), first);
  GgufVocabulary other = llama();
  other.scores[7] = -5;
  EXPECT_NE(Tokenizer::from_gguf(other).fingerprint(), first);
  other = llama();
  other.add_bos = false;
  EXPECT_NE(Tokenizer::from_gguf(other).fingerprint(), first);
}

}  // namespace
}  // namespace hiddenkey
