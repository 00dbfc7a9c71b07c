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

/// Byte-pair encoding: within a word the pair that was merged first in training is merged first. Byte-level (Radford et
/// al., 2019), where bytes are shown as printable characters and words are cut as GPT-2's regex does; or on characters,
/// as SentencePiece has it.
class ByteBpe {
 public:
  bool add_prefix_space = false;
  bool use_regex = true;
  bool ignore_merges = false;  ///< a word that is a token as a whole is taken as it is
  bool byte_level = true;      ///< false: the symbols are characters
  bool byte_fallback = false;  ///< of characters: an unknown one becomes tokens as "<0x0A>" where all are there
  bool fuse_unknown = false;   ///< neighbouring unknown symbols become one
  std::optional<int32_t> unknown;

  /// Ranks are given in the order of the calls. ModelError where a part or the whole is no token.
  void add_merge(const std::string& left, const std::string& right, const Vocabulary& vocabulary,
                 const std::string& source);
  /// The same from a line with one space between the two.
  void add_merge(const std::string& line, const Vocabulary& vocabulary, const std::string& source);
  /// Equal ranks are merged from the left.
  void add_ranked(int32_t left, int32_t right, int32_t token, int32_t rank);
  /// Called once when vocabulary and merges are complete.
  void finish(const Vocabulary& vocabulary);

  void encode(std::u32string_view text, const Vocabulary& vocabulary, std::vector<int32_t>& ids) const;

 private:
  struct Merge {
    int32_t rank;
    int32_t token;
  };
  std::optional<int32_t> whole_token(std::string_view word, const Vocabulary& vocabulary) const;
  std::vector<int32_t> symbols_of(std::string_view word, const Vocabulary& vocabulary) const;
  std::vector<int32_t> byte_symbols(std::string_view word) const;
  std::vector<int32_t> character_symbols(std::string_view word, const Vocabulary& vocabulary) const;
  std::vector<int32_t> merged(std::string_view word, const Vocabulary& vocabulary) const;

  std::unordered_map<uint64_t, Merge> merges_;
  std::array<std::optional<int32_t>, 256> byte_ids_;
  uint64_t serial_ = 0;  ///< tells the words that a thread remembers from those of another tokenizer
};

/// The character that stands for a byte.
std::string byte_character(unsigned char byte);

}  // namespace hiddenkey
