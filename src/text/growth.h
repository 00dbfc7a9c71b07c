#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hiddenkey {

/// How long a text may become in the steps of a tokenizer. A few replacements, each of what the one before has made,
/// would fill any memory.
constexpr std::size_t longest_result(std::size_t input) { return (std::size_t{1} << 20) + 16 * input; }

/// The text with each occurrence of a pattern replaced, from the left; the pattern is not empty. Where the result is
/// longer than `most`, only a beginning of it that is longer too.
template <class Char>
std::basic_string<Char> replaced(std::basic_string_view<Char> text, std::basic_string_view<Char> pattern,
                                 std::basic_string_view<Char> content, std::size_t most) {
  std::basic_string<Char> result;
  for (;;) {
    const std::size_t place = text.find(pattern);
    result += text.substr(0, place);
    if (place == text.npos || result.size() > most) return result;
    result += content;
    text.remove_prefix(place + pattern.size());
  }
}

}  // namespace hiddenkey
