#include "config/utf8.h"

namespace hiddenkey {
namespace {

/// How many bytes the character at `i` has; 0 where it is malformed, overlong, a surrogate or beyond U+10FFFF.
std::size_t character_size(std::string_view bytes, std::size_t i) {
  const auto byte = [&](std::size_t k) { return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u; };
  const unsigned first = byte(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  for (std::size_t k = 1; k < size; ++k) {
    if ((byte(k) & 0xC0u) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second >= 0xA0;
  const bool too_large = first == 0xF4 && second >= 0x90;
  return overlong || surrogate || too_large ? 0 : size;
}

}  // namespace

void check_utf8(std::string_view bytes, const TreeBuilder& builder) {
  TreeBuilder::Mark mark{1, 1};
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t size = character_size(bytes, i);
    if (size == 0) builder.stop(mark, "is not valid UTF-8 text");
    const bool line_ends = bytes[i] == '\n';
    mark = line_ends ? TreeBuilder::Mark{mark.line + 1, 1} : TreeBuilder::Mark{mark.line, mark.column + 1};
    i += size;
  }
}

}  // namespace hiddenkey
