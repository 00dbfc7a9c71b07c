#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "text/added_tokens.h"
#include "text/byte_bpe.h"
#include "text/decoder.h"
#include "text/gguf_vocabulary.h"
#include "text/normalizer.h"
#include "text/pre_tokenizer.h"
#include "text/sentence_piece.h"
#include "text/vocabulary.h"
#include "text/wordpiece.h"

namespace hiddenkey {

/// A place in what is made of one text or a pair: a special token, or a text.
struct TemplatePart {
  enum class Kind { kToken, kFirst, kSecond };
  Kind kind = Kind::kFirst;
  int32_t id = 0;  ///< of a token
  int32_t type_id = 0;
};
using Template = std::vector<TemplatePart>;

/// One text, or two, each between these tokens where they are given; the second text and its tokens have type 1.
Template framed_single(std::optional<int32_t> begin, std::optional<int32_t> end);
Template framed_pair(std::optional<int32_t> begin, std::optional<int32_t> end);

/// Everything that a tokenizer's files say.
struct TokenizerSpec {
  Vocabulary vocabulary;
  std::optional<WordPiece> wordpiece;
  std::optional<ByteBpe> byte_bpe;
  std::optional<SentencePiece> sentence_piece;  ///< one of the three
  std::optional<Normalizer> normalizer;
  std::vector<std::unique_ptr<const Cutter>> cutters;  ///< of byte_bpe, before its own
  std::optional<Metaspace> metaspace;                  ///< of byte_bpe, instead of cutters
  std::vector<AddedToken> added;
  Template single, pair;
  Decoder decoder;
  std::optional<int32_t> bos, eos, pad;
};

/// From tokenizer.json; ModelError names a part that is not supported.
TokenizerSpec read_tokenizer_json(const std::filesystem::path& folder);

/// From vocab.txt, or vocab.json and merges.txt, with tokenizer_config.json and special_tokens_map.json where they are.
TokenizerSpec read_vocabulary_files(const std::filesystem::path& folder);

/// From tokenizer.model, with LLaMA's conventions.
TokenizerSpec read_sentence_piece(const std::filesystem::path& folder);

TokenizerSpec read_gguf_vocabulary(const GgufVocabulary& given);
std::string fingerprint_of(const GgufVocabulary& given);

}  // namespace hiddenkey
