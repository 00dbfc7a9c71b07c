#include "text/gpt2_words.h"

#include "text/unicode.h"

namespace hiddenkey {
namespace {

enum class CharClass { kSpace, kLetter, kNumber, kOther };

CharClass class_of(char32_t c) {
  if (is_space(c)) return CharClass::kSpace;
  if (is_letter(c)) return CharClass::kLetter;
  return is_number(c) ? CharClass::kNumber : CharClass::kOther;
}

/// Characters of 's 't 're 've 'm 'll 'd at the beginning of `text`; 0 where there is none.
std::size_t contraction(std::u32string_view text) {
  for (const std::u32string_view ending : {U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"}) {
    if (text.starts_with(ending)) return ending.size();
  }
  return 0;
}

/// Characters of the first word of `text`, which is not empty.
std::size_t word_size(std::u32string_view text) {
  if (const std::size_t size = contraction(text); size > 0) return size;
  const std::size_t start = text[0] == U' ' && text.size() > 1 ? 1 : 0;
  if (const CharClass kind = class_of(text[start]); kind != CharClass::kSpace) {
    std::size_t end = start + 1;
    while (end < text.size() && class_of(text[end]) == kind) ++end;
    return end;
  }
  std::size_t end = 1;
  while (end < text.size() && is_space(text[end])) ++end;
  // The last space before a word belongs to what follows.
  return end < text.size() && end > 1 ? end - 1 : end;
}

}  // namespace

std::vector<std::u32string_view> gpt2_words(std::u32string_view text) {
  std::vector<std::u32string_view> words;
  while (!text.empty()) {
    const std::size_t size = word_size(text);
    words.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return words;
}

}  // namespace hiddenkey
