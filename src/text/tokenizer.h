#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/folder_files.h"
#include "text/gguf_vocabulary.h"

namespace hiddenkey {

/// Token ids of one text or pair with its special tokens, as Hugging Face's fast tokenizers give them.
struct Encoding {
  std::vector<int32_t> ids;
  std::vector<int32_t> type_ids;  ///< same length; all 0 for a family without segments
  bool truncated = false;
};

/// Token ids of a text that was cut into words before.
struct WordEncoding : Encoding {
  std::vector<int32_t> word_places;  ///< of each word's first id; -1 where it has none, or it was cut off
};

/// Text to ids. Invalid UTF-8 becomes U+FFFD. Immutable after loading, so it can be used from several threads.
class Tokenizer {
 public:
  /// From a model folder: tokenizer.json if there, else tokenizer.model (SentencePiece, as LLaMA uses it),
  /// sentencepiece.bpe.model (as XLM-RoBERTa does), vocab.txt (WordPiece) or vocab.json + merges.txt (byte BPE), with
  /// what tokenizer_config.json, special_tokens_map.json, added_tokens.json and config.json say of it, as AutoTokenizer
  /// of Transformers 5 has it. ModelError names what is missing or wrong.
  static Tokenizer load(const FolderFiles& files);

  /// From what a GGUF file holds. A "llama" vocabulary gives the ids of the tokenizer.model that it was made from.
  static Tokenizer from_gguf(const GgufVocabulary& vocabulary);

  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  /// With special tokens. `max_length` counts them; 0 is no limit. A pair is truncated longest_first. The end is cut
  /// off, or the beginning where the files say truncation_side: left.
  Encoding encode(std::string_view text, int max_length = 0) const;
  Encoding encode(std::string_view text, std::string_view pair, int max_length = 0) const;

  /// With special tokens, each word by itself, as `tokenizers` does it with is_pretokenized; where bytes are merged a
  /// space stands before each word (add_prefix_space), for the models have seen words so.
  WordEncoding encode_words(const std::vector<std::string>& words, int max_length = 0) const;

  /// Without special tokens.
  std::vector<int32_t> encode_plain(std::string_view text) const;

  /// The text of ids, as Hugging Face's `tokenizers` decode; an id that is no token is left out.
  std::string decode(const std::vector<int32_t>& ids, bool skip_special_tokens) const;

  int64_t vocab_size() const;  ///< largest id + 1
  std::optional<int32_t> id_of(std::string_view token) const;
  /// As the vocabulary has it; ModelError where no token has the id.
  std::string token_of(int32_t id) const;
  std::optional<int32_t> bos_id() const;
  std::optional<int32_t> eos_id() const;
  std::optional<int32_t> pad_id() const;
  /// model_max_length: how long the sequences are that the model was made for; nothing where the files do not say.
  std::optional<int64_t> limit() const;
  /// SHA-256 over everything that decides the ids; names a cache of tokens.
  const std::string& fingerprint() const;

 private:
  struct Impl;
  explicit Tokenizer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hiddenkey
