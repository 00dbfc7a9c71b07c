#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/vocabulary.h"

namespace hiddenkey {

/// Byte-level BPE (Radford et al., 2019): bytes are shown as printable characters, words are cut as GPT-2's regex does,
/// and within a word the pair that was merged first in training is merged first.
class ByteBpe {
 public:
  bool add_prefix_space = false;
  bool use_regex = true;
  bool ignore_merges = false;  ///< a word that is a token as a whole is taken as it is
  std::optional<int32_t> unknown;

  /// Ranks are given in the order of the calls. ModelError where a part or the whole is no token.
  void add_merge(const std::string& left, const std::string& right, const Vocabulary& vocabulary,
                 const std::string& source);
  /// Called once when vocabulary and merges are complete.
  void finish(const Vocabulary& vocabulary);

  void encode(std::u32string_view text, const Vocabulary& vocabulary, std::vector<int32_t>& ids) const;

 private:
  struct Merge {
    int32_t rank;
    int32_t token;
  };
  std::vector<int32_t> merged(std::string_view word_bytes, const Vocabulary& vocabulary) const;

  std::unordered_map<uint64_t, Merge> merges_;
  std::array<std::optional<int32_t>, 256> byte_ids_;
  uint64_t serial_ = 0;  ///< tells the words that a thread remembers from those of another tokenizer
};

/// Words as GPT-2's regex cuts them: contractions, letters, numbers, others, each with one space before; white space.
std::vector<std::u32string_view> gpt2_words(std::u32string_view text);

/// The character that stands for a byte.
std::string byte_character(unsigned char byte);

}  // namespace hiddenkey
