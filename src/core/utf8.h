#pragma once

#include <unicode/utf8.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace hiddenkey {

/// The character at `place`, which is moved behind it. Nothing where no UTF-8 stands there: `place` is then behind the
/// maximal part of a character (Unicode 15, chapter 3.9), or behind one byte.
inline std::optional<char32_t> next_character(std::string_view text, std::size_t& place) {
  const auto size = static_cast<int64_t>(text.size());
  auto next = static_cast<int64_t>(place);
  int32_t code = 0;
  U8_NEXT(text.data(), next, size, code);
  place = static_cast<std::size_t>(next);
  return code < 0 ? std::nullopt : std::make_optional(static_cast<char32_t>(code));
}

}  // namespace hiddenkey
