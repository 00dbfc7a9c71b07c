#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/vocabulary.h"

namespace hiddenkey {

/// A token that is recognised in the text itself, before any splitting.
struct AddedToken {
  std::u32string content;
  int32_t id = 0;
  bool single_word = false;  ///< not inside of a word
  bool lstrip = false;       ///< takes the white space before it
  bool rstrip = false;       ///< takes the white space behind it
  bool normalized = false;   ///< looked for in the normalised text
  bool special = true;       ///< no part of the text: left out of what is decoded where that is asked for

  bool operator==(const AddedToken&) const = default;
};

/// The added tokens of a tokenizer beside the vocabulary of its model, which never sees them.
class AddedVocabulary {
 public:
  /// Numbers a token as Hugging Face's `tokenizers` do, whatever its `id` says: the id that its content has already, or
  /// else the next one behind the model's. A token of the same content gets the flags of the new one; one without
  /// content is passed over.
  void add(AddedToken token, const Vocabulary& model);

  std::optional<int32_t> find(std::string_view content) const;
  /// Null where no added token has the id.
  const std::string* token_of(int32_t id) const;
  const std::vector<AddedToken>& tokens() const { return tokens_; }
  int64_t size() const { return largest_ + 1; }  ///< largest id + 1

 private:
  std::vector<AddedToken> tokens_;
  std::unordered_map<std::string, std::size_t, TextHash, std::equal_to<>> places_;
  std::unordered_map<int32_t, std::string> contents_;
  int64_t largest_ = -1;
  int32_t next_ = 0;
};

/// A part of the text: an added token, or what stands between two.
struct TextPart {
  std::u32string_view text;
  std::optional<int32_t> id;
};

/// The text cut at its added tokens: the leftmost first, of those the longest, of those the last in the list.
std::vector<TextPart> cut_at_tokens(std::u32string_view text, const std::vector<AddedToken>& tokens);

}  // namespace hiddenkey
