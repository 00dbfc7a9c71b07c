#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/file.h"
#include "text/tokenizer.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class DecoderFolder : public testing::Test {
 protected:
  fs::path path_ = fs::path(testing::TempDir()) / ("hiddenkey-decoder-" + std::to_string(::getpid()));
  void SetUp() override { make_writable_folder(path_); }
  void TearDown() override { fs::remove_all(path_); }

  void write(const std::string& name, const std::string& text) { write_file_atomically(path_ / name, text); }
  void write(const Json& json) { write("tokenizer.json", json.dump()); }
  Tokenizer load() const { return Tokenizer::load(path_); }
  std::string failure() const {
    try {
      load();
      return "";
    } catch (const ModelError& error) {
      return error.what();
    }
  }
};

using TokenizerJson = DecoderFolder;
using SentencePieceFolder = DecoderFolder;

std::string byte_token(unsigned byte) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  return {'<', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15], '>'};
}

/// Three special tokens, the bytes, then from id 259 on a few pieces.
std::vector<std::string> llama_pieces() {
  std::vector<std::string> pieces = {"<unk>", "<s>", "</s>"};
  for (unsigned b = 0; b < 256; ++b) pieces.push_back(byte_token(b));
  for (const char* piece : {"▁", "a", "b", "▁a", "ab", "▁ab", "▁▁"}) pieces.emplace_back(piece);
  return pieces;
}

Json llama_json() {
  Json vocab = Json::object(), added = Json::array();
  int id = 0;
  for (const std::string& piece : llama_pieces()) {
    if (id < 3) added.push_back({{"id", id}, {"content", piece}, {"special", true}});
    vocab[piece] = id++;
  }
  Json json = Json::parse(R"({
    "model": {"type": "BPE", "byte_fallback": true, "fuse_unk": true, "unk_token": "<unk>",
      "merges": [["▁", "a"], ["a", "b"], ["▁", "ab"], ["▁a", "b"], ["▁", "▁"]]},
    "normalizer": {"type": "Sequence", "normalizers": [
      {"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
    "pre_tokenizer": null,
    "decoder": {"type": "Sequence", "decoders": [
      {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
      {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}})");
  json["model"]["vocab"] = vocab;
  json["added_tokens"] = added;
  return json;
}

// The ids and texts of LlamaForm are those of Hugging Face's tokenizers 0.23.
TEST_F(TokenizerJson, LlamaFormWithANormalizer) {
  write(llama_json());
  const Tokenizer tokenizer = load();
  EXPECT_THAT(tokenizer.encode("ab ab").ids, ElementsAre(264, 264));
  EXPECT_THAT(tokenizer.encode("  aé").ids, ElementsAre(265, 262, 198, 172));
  EXPECT_THAT(tokenizer.encode("b</s>a").ids, ElementsAre(259, 261, 2, 262));
  EXPECT_THAT(tokenizer.encode("").ids, ElementsAre());
  EXPECT_EQ(tokenizer.decode({265, 262, 198, 172}, true), "  aé");
  EXPECT_EQ(tokenizer.decode({259, 261, 2, 262}, true), "b a");
  EXPECT_EQ(tokenizer.decode({259, 261, 2, 262}, false), "b</s> a");
  EXPECT_EQ(tokenizer.bos_id(), 1);
  EXPECT_EQ(tokenizer.eos_id(), 2);
}

TEST_F(TokenizerJson, LlamaFormWithMetaspace) {
  Json json = llama_json();
  json["normalizer"] = nullptr;
  json["pre_tokenizer"] = {{"type", "Metaspace"}, {"prepend_scheme", "first"}, {"split", false}};
  write(json);
  const Tokenizer tokenizer = load();
  EXPECT_THAT(tokenizer.encode("ab ab").ids, ElementsAre(264, 264));
  EXPECT_THAT(tokenizer.encode(" ab").ids, ElementsAre(264));
  EXPECT_THAT(tokenizer.encode("b</s>a").ids, ElementsAre(259, 261, 2, 260));
}

const char* const kByteLevel = R"({
  "model": {"type": "BPE", "ignore_merges": true, "vocab": {"a": 0, "1": 1, "2": 2, "12": 3, "Ã": 4, "©": 5, "Ã©": 6,
    "aa": 7}, "merges": ["1 2", "Ã ©"]},
  "normalizer": {"type": "NFC"},
  "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
    {"type": "Split", "pattern": {"Regex": "\\p{N}{1,2}"}, "behavior": "Isolated", "invert": false},
    {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]},
  "decoder": {"type": "ByteLevel"}})";

TEST_F(TokenizerJson, ByteLevelBehindASplit) {
  write(Json::parse(kByteLevel));
  EXPECT_THAT(load().encode("a12e\u0301").ids, ElementsAre(0, 3, 6)) << "e and the accent became one";
  EXPECT_THAT(load().encode("aa").ids, ElementsAre(7)) << "a whole token needs no merge";
  EXPECT_THAT(load().encode("a1212\u00e9").ids, ElementsAre(0, 3, 3, 6));
  EXPECT_EQ(load().decode({6, 4, 0}, false), "é\uFFFDa");
}

TEST_F(TokenizerJson, RefusesByNameWhatItDoesNotKnow) {
  Json json = Json::parse(kByteLevel);
  json["pre_tokenizer"]["pretokenizers"][0]["behavior"] = "Removed";
  write(json);
  EXPECT_THAT(failure(), HasSubstr("a Split with the behavior \"Removed\" is not supported"));
  json["pre_tokenizer"] = {{"type", "UnicodeScripts"}};
  write(json);
  EXPECT_THAT(failure(), HasSubstr("pre_tokenizer.type: \"UnicodeScripts\" is not supported"));
  json = Json::parse(kByteLevel);
  json["decoder"] = {{"type", "CTC"}};
  write(json);
  EXPECT_THAT(failure(), HasSubstr("decoder.type: \"CTC\" is not supported"));
  json["decoder"] = {{"type", "Strip"}, {"content", "ab"}, {"start", 1}, {"stop", 0}};
  write(json);
  EXPECT_THAT(failure(), HasSubstr("a Strip of \"ab\" is not supported"));
}

TEST_F(TokenizerJson, TheSettingsNameTheEnds) {
  write(Json::parse(kByteLevel));
  write("tokenizer_config.json", R"({"bos_token": null, "eos_token": {"content": "a"}})");
  EXPECT_EQ(load().bos_id(), std::nullopt);
  EXPECT_EQ(load().eos_id(), 0);
}

/// A field of a protobuf message that has a length.
std::string field(int number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}

/// A serialized SentencePiece model of the pieces above: BPE with byte fallback.
std::string llama_model() {
  std::string model;
  int id = 0;
  for (const std::string& piece : llama_pieces()) {
    const auto score = std::bit_cast<uint32_t>(id < 262 ? 0.0F : static_cast<float>(-id));
    std::string bytes = field(1, piece) + '\x15';
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(score >> shift);
    const int type = id == 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1;
    model += field(1, bytes + '\x18' + static_cast<char>(type));
    ++id;
  }
  // model_type BPE, byte_fallback; no other normalization than spaces to marks.
  const std::string trainer("\x18\x02\x98\x02\x01", 5), normalizer("\x20\x00", 2);
  return model + field(2, trainer) + field(3, field(1, "identity") + normalizer);
}

TEST_F(SentencePieceFolder, EncodesAsLlamaDoes) {
  write("tokenizer.model", llama_model());
  const Tokenizer tokenizer = load();
  EXPECT_THAT(tokenizer.encode("ab ab").ids, ElementsAre(1, 264, 264));
  EXPECT_THAT(tokenizer.encode(" ab").ids, ElementsAre(1, 264)) << "one space is enough";
  EXPECT_THAT(tokenizer.encode("b</s>a").ids, ElementsAre(1, 259, 261, 2, 260)) << "none behind an added token";
  EXPECT_THAT(tokenizer.encode_plain("aé"), ElementsAre(262, 198, 172));
  EXPECT_EQ(tokenizer.decode({1, 262, 198, 172, 264}, true), "aé ab");
  EXPECT_EQ(tokenizer.vocab_size(), 266);
}

TEST_F(SentencePieceFolder, ReadsItsSettings) {
  write("tokenizer.model", llama_model());
  const std::string plain = load().fingerprint();
  write("tokenizer_config.json", R"({"add_bos_token": false, "add_eos_token": true, "legacy": true,
    "added_tokens_decoder": {"266": {"content": "<tool>", "special": false}}})");
  EXPECT_THAT(load().encode("b<tool>a").ids, ElementsAre(259, 261, 266, 262, 2));
  EXPECT_NE(load().fingerprint(), plain);
  write("tokenizer_config.json", R"({"added_tokens_decoder": {"7": {"content": "<s>"}}})");
  testing::internal::CaptureStderr();
  EXPECT_THAT(load().encode("a").ids, ElementsAre(1, 262));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("the token \"<s>\" the id 7, but it is 1"));
}

TEST_F(SentencePieceFolder, RefusesADamagedTableOfCharacters) {
  const std::string table(
      "\4\0\0\0\xFF\xFF\xFF\xFF"
      "a\0",
      10);
  write("tokenizer.model", llama_model() + field(3, field(2, table)));
  EXPECT_THAT(failure(), HasSubstr("tokenizer.model: normalizer_spec: precompiled_charsmap: is damaged"));
}

TEST_F(SentencePieceFolder, RefusesAFileThatIsNone) {
  // Of a unigram model all pieces are put into a trie.
  const std::string with_nul = llama_model() + field(1, field(1, std::string("\0n", 2))) + field(2, "\x18\x01");
  for (const std::string& text : {std::string(), std::string("no model\n"), std::string("\x0a\x05"), with_nul}) {
    write("tokenizer.model", text);
    EXPECT_THAT(failure(), HasSubstr("tokenizer.model: is no SentencePiece model"));
  }
}

}  // namespace
}  // namespace hiddenkey
