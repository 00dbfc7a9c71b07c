#include "text/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/file.h"
#include "text/bert_text.h"
#include "text/gpt2_words.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Folder : public testing::Test {
 protected:
  fs::path path_ = fs::path(testing::TempDir()) / ("hiddenkey-tokenizer-" + std::to_string(::getpid()));
  void SetUp() override { make_writable_folder(path_); }
  void TearDown() override { fs::remove_all(path_); }

  void write(const std::string& name, const std::string& text) { write_file_atomically(path_ / name, text); }
  std::string failure() {
    try {
      Tokenizer::load(path_);
      return "";
    } catch (const ModelError& error) {
      return error.what();
    }
  }
};

using WordPieceFolder = Folder;
using ByteBpeFolder = Folder;
using UnigramFolder = Folder;

const char* const kVocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nun\n##aff\n##able\na\nb\nc\n!\n";

TEST_F(WordPieceFolder, TakesTheLongestPiecesAndSpecialTokens) {
  write("vocab.txt", kVocab);
  const Tokenizer tokenizer = Tokenizer::load(path_);
  EXPECT_THAT(tokenizer.encode_plain("Un\u00e1ffable! xyz"), ElementsAre(5, 6, 7, 11, 1));
  EXPECT_THAT(tokenizer.encode("a[MASK]b", "c").ids, ElementsAre(2, 8, 4, 9, 3, 10, 3));
  EXPECT_THAT(tokenizer.encode("a", "b c").type_ids, ElementsAre(0, 0, 0, 1, 1, 1));
  EXPECT_EQ(tokenizer.pad_id(), 0);
  EXPECT_EQ(tokenizer.vocab_size(), 12);
}

TEST_F(WordPieceFolder, CutsTheLongerTextOfAPairFirst) {
  write("vocab.txt", kVocab);
  const Tokenizer tokenizer = Tokenizer::load(path_);
  EXPECT_THAT(tokenizer.encode("a a a a a", "b b", 7).ids, ElementsAre(2, 8, 8, 3, 9, 9, 3));
  EXPECT_THAT(tokenizer.encode("a a", "b b b b b", 6).ids, ElementsAre(2, 8, 3, 9, 9, 3));
  EXPECT_THAT(tokenizer.encode("a a a", "b b b", 7).ids, ElementsAre(2, 8, 8, 3, 9, 9, 3));
  const Encoding whole = tokenizer.encode("a b c", 5), cut = tokenizer.encode("a b c", 4);
  EXPECT_FALSE(whole.truncated);
  EXPECT_TRUE(cut.truncated);
  EXPECT_THAT(cut.ids, ElementsAre(2, 8, 9, 3));
}

TEST_F(WordPieceFolder, ReadsItsSettings) {
  write("vocab.txt", kVocab);
  write("tokenizer_config.json", R"({"do_lower_case": false})");
  EXPECT_THAT(Tokenizer::load(path_).encode_plain("A a"), ElementsAre(1, 8));
}

// The ids are AutoTokenizer's, for a folder with the model type bert.
TEST_F(WordPieceFolder, CutsTheBeginningOffWhereTheSettingsSaySo) {
  write("vocab.txt", kVocab);
  write("tokenizer_config.json", R"({"truncation_side": "left"})");
  const Tokenizer tokenizer = Tokenizer::load(path_);
  EXPECT_THAT(tokenizer.encode("a b c a b", 5).ids, ElementsAre(2, 10, 8, 9, 3));
  EXPECT_THAT(tokenizer.encode("a b c a b", "c b", 7).ids, ElementsAre(2, 8, 9, 3, 10, 9, 3));
  EXPECT_THAT(tokenizer.encode("a b", "a b c a c", 6).ids, ElementsAre(2, 9, 3, 8, 10, 3));
  EXPECT_THAT(tokenizer.encode("a b", 2).ids, ElementsAre(2, 3));
}

TEST_F(WordPieceFolder, TakesTheLastOfEqualLines) {
  write("vocab.txt", std::string(kVocab) + "a \n");
  write("added_tokens.json", R"({"[X]": 12})");
  testing::internal::CaptureStderr();
  const Tokenizer tokenizer = Tokenizer::load(path_);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("1 token stands there twice"));
  EXPECT_THAT(tokenizer.encode_plain("a b"), ElementsAre(12, 9));
}

TEST_F(WordPieceFolder, GivesOneIdEvenToAddedTokensOfTheVocabulary) {
  write("vocab.txt", kVocab);
  write("added_tokens.json", R"({"[X]": 12, "b": 9, "[y]": 40})");
  const Tokenizer tokenizer = Tokenizer::load(path_);
  EXPECT_THAT(tokenizer.encode_plain("a [x]b [Y]"), ElementsAre(8, 12, 9, 13));
  EXPECT_EQ(tokenizer.id_of("[y]"), 13);
  EXPECT_EQ(tokenizer.token_of(12), "[X]");
  EXPECT_EQ(tokenizer.vocab_size(), 14);
}

TEST_F(WordPieceFolder, SaysWhatIsWrong) {
  EXPECT_THAT(failure(), HasSubstr("has no tokenizer"));
  write("vocab.txt", "[PAD]\n[CLS]\n[SEP]\n");
  EXPECT_THAT(failure(), HasSubstr("lacks the special token \"[UNK]\""));
  write("tokenizer.json", "{");
  EXPECT_THAT(failure(), HasSubstr("is no valid JSON"));
  write("tokenizer.json", R"({"model": {"type": "WordLevel", "vocab": {}}})");
  EXPECT_THAT(failure(), HasSubstr("\"WordLevel\" is not supported"));
  write("tokenizer.json", R"({"model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "a": 0}}})");
  EXPECT_THAT(failure(), HasSubstr("have the same id 0"));
  write("tokenizer.json", R"({"model": {"type": "WordPiece", "vocab": {"a": 0}}})");
  EXPECT_THAT(failure(), HasSubstr("\"[UNK]\" is not in the vocabulary"));
  write("tokenizer.json", R"({"model": {"type": "WordPiece", "vocab": {"[UNK]": 0}}, "normalizer": {"type": "NFKC"}})");
  EXPECT_THAT(failure(), HasSubstr("normalizer.type: \"NFKC\" is not supported"));
}

// The ids are those of XLMRobertaTokenizer of Transformers 5.23 for these files.
TEST_F(UnigramFolder, GivesWhatXlmRobertasTokenizerGives) {
  write("config.json", R"({"model_type": "xlm-roberta"})");
  write(
      "tokenizer.json",
      R"({"model": {"type": "Unigram", "unk_id": 3, "vocab": [["<s>", 0.0], ["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0],
            ["▁a", -1.0], ["▁b", -1.5], ["▁", -2.0], ["c", -2.5], ["cc", -4.0], ["<mask>", 0.0]]}})");
  const Tokenizer tokenizer = Tokenizer::load(path_);
  EXPECT_THAT(tokenizer.encode("a ccc<mask> b").ids, ElementsAre(0, 4, 6, 7, 8, 9, 5, 2));
  EXPECT_THAT(tokenizer.encode("acc\u2603\u2603 b").ids, ElementsAre(0, 4, 8, 3, 5, 2));
  const Encoding pair = tokenizer.encode("a", "b c");
  EXPECT_THAT(pair.ids, ElementsAre(0, 4, 2, 2, 5, 6, 7, 2));
  EXPECT_THAT(pair.type_ids, testing::Each(0));
  EXPECT_THAT(tokenizer.encode("a a a a a", "b b", 9).ids, ElementsAre(0, 4, 4, 4, 2, 2, 5, 5, 2));
  EXPECT_THAT(tokenizer.encode("a b c", 4).ids, ElementsAre(0, 4, 5, 2));
  EXPECT_EQ(tokenizer.decode({0, 4, 6, 7, 8, 9, 5, 2}, false), "<s> a ccc<mask> b</s>");
  EXPECT_EQ(tokenizer.decode({0, 4, 6, 7, 8, 9, 5, 2}, true), "a ccc b");
  EXPECT_EQ(tokenizer.pad_id(), 1);
  EXPECT_EQ(tokenizer.vocab_size(), 10);
}

/// A field of a serialized message that holds bytes.
std::string bytes_field(char number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}

/// A SentencePiece model's piece without a score.
std::string piece_field(const std::string& text, char type) {
  return bytes_field(1, bytes_field(1, text) + std::string{'\x18', type});
}

TEST_F(UnigramFolder, TakesTheUsersPiecesOfASentencePieceModel) {
  constexpr char kNormal = 1, kUnknown = 2, kControl = 3, kUser = 4;
  const std::string pieces = piece_field("<unk>", kUnknown) + piece_field("<s>", kControl) +
                             piece_field("</s>", kControl) + piece_field("\u2581a", kNormal) +
                             piece_field("[E1]", kUser);
  write("config.json", R"({"model_type": "xlm-roberta"})");
  const auto ids = [&] { return Tokenizer::load(path_).encode_plain("a[E1]<mask>"); };
  write("sentencepiece.bpe.model", pieces);
  EXPECT_THAT(ids(), ElementsAre(4, 5, 6));
  write("sentencepiece.bpe.model", "\x0D...." + pieces);
  EXPECT_THAT(ids(), ElementsAre(4, 5, 6)) << "a field of the pieces' number that holds no message";
}

TEST_F(ByteBpeFolder, MergesTheEarliestRuleFirst) {
  write(
      "vocab.json",
      R"({"<s>": 0, "</s>": 1, "<mask>": 2, "<pad>": 3, "<unk>": 4, "a": 5, "b": 6, "c": 7, "ab": 8, "bc": 9, "abc": 10, "Ġ": 11, "Ġa": 12})");
  write("merges.txt", "#version: 0.2\nb c\na b\nĠ a\na bc\n");
  const Tokenizer tokenizer = Tokenizer::load(path_);
  EXPECT_THAT(tokenizer.encode_plain("abc ab a"), ElementsAre(10, 11, 8, 12));
  EXPECT_THAT(tokenizer.encode("a", "b").ids, ElementsAre(0, 5, 1, 1, 6, 1));
  EXPECT_THAT(tokenizer.encode("a <mask>b").ids, ElementsAre(0, 5, 11, 2, 6, 1));
  write("special_tokens_map.json", R"({"mask_token": {"content": "<mask>", "lstrip": true}})");
  EXPECT_THAT(Tokenizer::load(path_).encode("a  <mask>b").ids, ElementsAre(0, 5, 2, 6, 1))
      << "the mask takes the space before it";
  write("merges.txt", "a x\n");
  EXPECT_THAT(failure(), HasSubstr("merges.txt:1"));
}

TEST_F(ByteBpeFolder, ALongWordTakesNoQuadraticTime) {
  write("vocab.json", R"({"a": 0, "aa": 1, "aaaa": 2})");
  write("merges.txt", "a a\naa aa\n");
  EXPECT_EQ(Tokenizer::load(path_).encode_plain(std::string(400'000, 'a')).size(), 100'000U);
}

TEST(Utf8, EachMaximalPartOfABrokenCharacterIsOneReplacement) {
  EXPECT_EQ(decode_utf8("a\xE4\xB8z"), U"a\uFFFDz");
  EXPECT_EQ(decode_utf8("\xED\xA0\x80"), U"\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(decode_utf8("\xF0\x9F\x98"), U"\uFFFD");
  EXPECT_EQ(decode_utf8("\xC0\xAF"), U"\uFFFD\uFFFD");
  EXPECT_EQ(encode_utf8(decode_utf8("\xF0\x9F\x98\x80")), "\xF0\x9F\x98\x80");
}

TEST(Gpt2Words, AreCutAsTheRegexCuts) {
  const auto words = [](std::u32string_view text) {
    std::vector<std::string> result;
    for (const auto word : gpt2_words(text)) result.push_back(encode_utf8(word));
    return result;
  };
  EXPECT_THAT(words(U"don't  stop 12ab!? "), ElementsAre("don", "'t", " ", " stop", " 12", "ab", "!?", " "));
  EXPECT_THAT(words(U"a\n\n b"), ElementsAre("a", "\n\n", " b"));
}

}  // namespace
}  // namespace hiddenkey
