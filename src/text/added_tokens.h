#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
};

/// A part of the text: an added token, or what stands between two.
struct TextPart {
  std::u32string_view text;
  std::optional<int32_t> id;
};

/// The text cut at its added tokens: the leftmost first, of those the longest.
std::vector<TextPart> cut_at_tokens(std::u32string_view text, const std::vector<AddedToken>& tokens);

}  // namespace hiddenkey
