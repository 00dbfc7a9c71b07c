#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/added_tokens.h"
#include "text/pre_tokenizer.h"
#include "text/vocabulary.h"

namespace hiddenkey {

/// A piece of a SentencePiece model that is read without the library's own way to encode.
struct ScoredPiece {
  std::string text;
  double score = 0;
  bool control = false;       ///< found in no text by the library
  bool user_defined = false;  ///< always found
};

/// A SentencePiece model (tokenizer.model), encoded by the sentencepiece library.
class SentencePiece {
 public:
  /// Out of the bytes of a file that `source` names. ModelError where it is no such model.
  SentencePiece(const std::string& bytes, std::string source);
  ~SentencePiece();
  SentencePiece(SentencePiece&&) noexcept;
  SentencePiece& operator=(SentencePiece&&) noexcept;

  /// When a text gets a space before it. The model's own rule is switched off: LLaMA's differs behind added tokens.
  Metaspace::Prepend prefix_space = Metaspace::Prepend::kFirst;

  void encode(std::u32string_view text, bool at_start, std::vector<int32_t>& ids) const;

  /// All pieces, in the order of their ids.
  void add_pieces(Vocabulary& vocabulary) const;
  std::vector<ScoredPiece> scored_pieces() const;
  /// The compiled table of its normalizer; empty where it has none.
  std::string charsmap() const;
  /// The pieces that the library finds in no text. Their ids are not set.
  std::vector<AddedToken> control_tokens() const;

 private:
  struct Impl;
  std::string source_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hiddenkey
