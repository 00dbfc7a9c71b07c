#include "core/printable.h"

#include <cstdint>
#include <cstdio>
#include <optional>

#include "core/text.h"
#include "core/utf8.h"

namespace hiddenkey {
namespace {

constexpr std::size_t kLongest = 4000, kHead = 3000, kTail = 500;

std::string written_out(const char* format, unsigned value) {
  char text[16];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

bool is_hidden(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool separator = c == 0x2028 || c == 0x2029;
  const bool direction = c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return control || separator || direction;
}

std::string cleaned(std::string_view line) {
  std::string result;
  for (std::size_t place = 0; place < line.size();) {
    const std::size_t first = place;
    const std::optional<char32_t> code = next_character(line, place);
    const std::string_view bytes = line.substr(first, place - first);
    if (!code) {
      for (const char byte : bytes) result += written_out("\\x%02x", static_cast<unsigned char>(byte));
    } else if (*code == U'\t') {
      result += ' ';
    } else if (is_hidden(*code)) {
      result += written_out(*code < 0x80 ? "\\x%02x" : "\\u%04x", *code);
    } else {
      result += bytes;
    }
  }
  return result;
}

bool is_inside(const std::string& text, std::size_t place) { return (text[place] & 0xC0) == 0x80; }

}  // namespace

std::string printable(std::string_view line) {
  std::string whole = cleaned(line);
  if (whole.size() <= kLongest) return whole;
  std::size_t head = kHead, tail = whole.size() - kTail;
  while (is_inside(whole, head)) --head;
  while (is_inside(whole, tail)) ++tail;
  return cat(whole.substr(0, head), " ... (", tail - head, " bytes left out) ... ", whole.substr(tail));
}

}  // namespace hiddenkey
