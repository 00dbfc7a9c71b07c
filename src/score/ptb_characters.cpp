#include "score/ptb_characters.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <utility>

namespace hiddenkey::ptb {

bool is_ascii_letter(char16_t c) { return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z'); }

bool is_letter(char16_t c) {
  if (c < 0x80) return is_ascii_letter(c);
  return u_isalpha(c) || c == 0xAD || u_charType(c) == U_NON_SPACING_MARK || u_charType(c) == U_COMBINING_SPACING_MARK;
}

bool is_digit(char16_t c) { return c < 0x80 ? c >= u'0' && c <= u'9' : u_isdigit(c) != 0; }

bool is_alphanumeric(char16_t c) { return is_digit(c) || (c < 0x80 ? is_ascii_letter(c) : u_isalpha(c) != 0); }

bool is_ascii_alphanumeric(char16_t c) { return is_ascii_letter(c) || (c >= u'0' && c <= u'9'); }

bool is_space(char16_t c) {
  return c == u' ' || c == u'\t' || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x3000;
}

bool is_one_of(char16_t c, std::u16string_view set) { return set.find(c) != std::u16string_view::npos; }

bool is_single_quote(char16_t c) { return c == u'\'' || c == 0x92 || c == 0x2019; }

bool is_quote(char16_t c) {
  return is_single_quote(c) || c == u'`' || (c >= 0x2018 && c <= 0x201F) || (c >= 0x91 && c <= 0x94) ||
         is_one_of(c, u"\u2039\u203A\u00AB\u00BB");
}

bool is_symbol(char16_t c) {
  static constexpr std::array<std::pair<char16_t, char16_t>, 26> kRanges{{
      {0xB0, 0xB8},     {0xBA, 0xBA},     {0x5F3, 0x5F4},   {0x600, 0x603},   {0x606, 0x60A},   {0x703, 0x70D},
      {0x7F6, 0x7F8},   {0x964, 0x965},   {0x2016, 0x2017}, {0x2020, 0x2023}, {0x2030, 0x2038}, {0x203B, 0x203E},
      {0x2042, 0x2044}, {0x207A, 0x207F}, {0x208A, 0x208E}, {0x2100, 0x214F}, {0x2190, 0x23FF}, {0x2460, 0x24FF},
      {0x2500, 0x27BF}, {0x2800, 0x2BFF}, {0x3012, 0x3012}, {0x30FB, 0x30FB}, {0xFF01, 0xFF0F}, {0xFF1A, 0xFF20},
      {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65},
  }};
  if (is_one_of(c,
                u"+%&~^|\\=/,;:.\u00A1\u00BF\u00A6\u00A7\u00A8\u00A9\u00AC\u00AE\u00AF\u00D7\u00F7\u0387\u05BE"
                u"\u05C0\u05C3\u05C6\u060C\u0614\u061B\u061E\u066A\u066D\u0E4F\u037E\u0589\u061F\u06D4\u07FA"))
    return true;
  return std::any_of(kRanges.begin(), kRanges.end(),
                     [&](const auto& range) { return c >= range.first && c <= range.second; });
}

bool starts(std::u16string_view text, std::size_t i, std::u16string_view word) {
  if (text.size() < i + word.size()) return false;
  for (std::size_t k = 0; k < word.size(); ++k) {
    const char16_t c = text[i + k];
    if ((c >= u'A' && c <= u'Z' ? c + 32 : c) != word[k]) return false;
  }
  return true;
}

}  // namespace hiddenkey::ptb
