#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "text/added_tokens.h"
#include "text/bert_text.h"
#include "text/byte_bpe.h"
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

/// Everything that a tokenizer's files say.
struct TokenizerSpec {
  Vocabulary vocabulary;
  std::optional<WordPiece> wordpiece;
  std::optional<ByteBpe> byte_bpe;  ///< one of the two
  std::optional<BertNormalizer> normalizer;
  std::vector<AddedToken> added;
  Template single, pair;
  std::optional<int32_t> pad;
};

/// From tokenizer.json; ModelError names a part that is not supported.
TokenizerSpec read_tokenizer_json(const std::filesystem::path& folder);

/// From vocab.txt, or vocab.json and merges.txt, with tokenizer_config.json and special_tokens_map.json where they are.
TokenizerSpec read_vocabulary_files(const std::filesystem::path& folder);

}  // namespace hiddenkey
