#include "score/words.h"

#include "score/lowercase.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

bool is_blank(char32_t c) { return is_space(c) || (c >= U'\x1c' && c <= U'\x1f'); }
/// As Python has it: a combining mark is no word character.
bool stands_alone(char32_t c) { return !is_letter(c) && !is_number(c) && c != U'_'; }
bool never(char32_t) { return false; }

std::vector<std::string> cut(std::string_view text, bool (*alone)(char32_t)) {
  std::vector<std::string> words;
  bool joins = false;
  for (const char32_t c : decode_utf8(text)) {
    const bool blank = is_blank(c), single = !blank && alone(c);
    if (!blank && (single || !joins)) words.emplace_back();
    if (!blank) append_utf8(words.back(), c);
    joins = !blank && !single;
  }
  return words;
}

}  // namespace

std::vector<std::string> blank_separated(std::string_view text) { return cut(text, never); }

std::vector<std::string> lower_words_and_marks(std::string_view text) { return cut(lowercase(text), stands_alone); }

}  // namespace hiddenkey
