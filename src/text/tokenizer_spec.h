#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/folder_files.h"
#include "text/added_tokens.h"
#include "text/byte_bpe.h"
#include "text/charsmap.h"
#include "text/decoder.h"
#include "text/gguf_vocabulary.h"
#include "text/normalizer.h"
#include "text/pre_tokenizer.h"
#include "text/sentence_piece.h"
#include "text/unigram.h"
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

/// BERT's: cls A sep B sep, and RoBERTa's: cls A sep sep B sep, all of type 0.
Template encoder_single(int32_t cls, int32_t sep);
Template encoder_pair(int32_t cls, int32_t sep, bool roberta);

/// Everything that a tokenizer's files say.
struct TokenizerSpec {
  Vocabulary vocabulary;  ///< what the model searches
  std::optional<WordPiece> wordpiece;
  std::optional<ByteBpe> byte_bpe;
  std::optional<SentencePiece> sentence_piece;
  std::optional<Unigram> unigram;    ///< one of the four
  std::optional<Charsmap> charsmap;  ///< beside unigram's pieces, for the class that makes the normalizer
  std::optional<Normalizer> normalizer;
  std::vector<std::unique_ptr<const Cutter>> cutters;  ///< of byte_bpe, before its own, and of unigram
  std::optional<Metaspace> metaspace;                  ///< of byte_bpe, instead of cutters, and of unigram, behind them
  AddedVocabulary added;
  Template single, pair;
  Decoder decoder;
  std::optional<int32_t> bos, eos, pad;
  bool splits_special = false;   ///< special tokens are not recognised in a text
  bool truncates_left = false;   ///< a text that is too long loses its beginning
  std::optional<int64_t> limit;  ///< how long a text may be that the model is given (model_max_length)

  /// Among the added tokens and those of the model.
  std::optional<int32_t> find(std::string_view token) const;
  /// Null where no token has the id.
  const std::string* token_of(int32_t id) const;
};

/// From the files of a Hugging Face folder, as AutoTokenizer of Transformers 5 reads them. ModelError names what is
/// missing, malformed or not supported.
TokenizerSpec read_tokenizer_folder(const FolderFiles& files);

TokenizerSpec read_gguf_vocabulary(const GgufVocabulary& given);
std::string fingerprint_of(const GgufVocabulary& given);

}  // namespace hiddenkey
