#include "core/printable.h"

#include <cstdint>
#include <cstdio>

#include "core/text.h"

namespace hiddenkey {
namespace {

constexpr std::size_t kLongest = 4000, kHead = 3000, kTail = 500;

std::string written_out(const char* format, unsigned value) {
  char text[16];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

struct Character {
  char32_t code = 0;
  std::size_t size = 0;  ///< 0 where the bytes are no UTF-8
};

Character character_at(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xC2 ? 0
                           : first < 0xE0 ? 2
                           : first < 0xF0 ? 3
                           : first < 0xF5 ? 4
                                          : 0;
  if (size == 0 || size > text.size()) return {};
  char32_t code = size == 1 ? first : first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3F);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  if (overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return {};
  return {code, size};
}

bool is_hidden(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool separator = c == 0x2028 || c == 0x2029;
  const bool direction = c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return control || separator || direction;
}

std::string cleaned(std::string_view line) {
  std::string result;
  while (!line.empty()) {
    const Character character = character_at(line);
    if (character.size == 0) {
      result += written_out("\\x%02x", static_cast<unsigned char>(line[0]));
    } else if (line[0] == '\t') {
      result += ' ';
    } else if (is_hidden(character.code)) {
      result += written_out(character.code < 0x80 ? "\\x%02x" : "\\u%04x", character.code);
    } else {
      result += line.substr(0, character.size);
    }
    line.remove_prefix(character.size == 0 ? 1 : character.size);
  }
  return result;
}

bool is_inside(const std::string& text, std::size_t place) { return (text[place] & 0xC0) == 0x80; }

}  // namespace

std::string printable(std::string_view line) {
  const std::string whole = cleaned(line);
  if (whole.size() <= kLongest) return whole;
  std::size_t head = kHead, tail = whole.size() - kTail;
  while (is_inside(whole, head)) --head;
  while (is_inside(whole, tail)) ++tail;
  return cat(whole.substr(0, head), " ... (", tail - head, " bytes left out) ... ", whole.substr(tail));
}

}  // namespace hiddenkey
