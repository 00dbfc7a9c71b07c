#include "text/wordpiece.h"

#include "text/unicode.h"

namespace hiddenkey {

void WordPiece::encode(std::u32string_view word, const Vocabulary& vocabulary, std::vector<int32_t>& ids) const {
  const std::size_t before = ids.size();
  if (word.size() > longest_word) return ids.push_back(unknown);
  // ends[i]: where character i ends in the word's bytes.
  std::string bytes;
  std::vector<std::size_t> ends;
  for (const char32_t c : word) {
    append_utf8(bytes, c);
    ends.push_back(bytes.size());
  }
  std::string piece;
  for (std::size_t begin = 0; begin < word.size();) {
    const std::size_t first = begin == 0 ? 0 : ends[begin - 1];
    std::size_t end = word.size();
    for (; end > begin; --end) {
      piece = begin == 0 ? "" : prefix;
      piece.append(bytes, first, ends[end - 1] - first);
      if (const auto id = vocabulary.find(piece)) {
        ids.push_back(*id);
        break;
      }
    }
    if (end == begin) {
      ids.resize(before);
      return ids.push_back(unknown);
    }
    begin = end;
  }
}

}  // namespace hiddenkey
