#pragma once

#include <string>

namespace hiddenkey {

/// The text as one word of a POSIX shell (and of fish), whatever is in it.
inline std::string shell_quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

/// The same, with quotes only where a shell would take the text for something else.
inline std::string shell_word(const std::string& text) {
  constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+./,:@%";
  return !text.empty() && text.find_first_not_of(kPlain) == std::string::npos ? text : shell_quoted(text);
}

}  // namespace hiddenkey
