#include "text/bert_text.h"

#include <algorithm>

#include "text/unicode.h"

namespace hiddenkey {
namespace {

bool is_line_space(char32_t c) { return c == U'\t' || c == U'\n' || c == U'\r'; }

bool is_dropped(char32_t c) { return c == 0 || c == 0xFFFD || (!is_line_space(c) && is_other(c)); }

/// The blocks that BERT puts spaces around. One begins at 2B920 where Unicode has 2B820: ids must equal the
/// reference's.
bool is_chinese(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

bool is_ascii(std::u32string_view text) {
  return std::all_of(text.begin(), text.end(), [](char32_t c) { return c < 0x80; });
}

bool is_mark(char32_t c) {
  const bool ascii = (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
  return ascii || is_punctuation(c);
}

}  // namespace

std::u32string BertNormalizer::normalize(std::u32string_view text) const {
  std::u32string result;
  result.reserve(text.size());
  for (const char32_t c : text) {
    if (clean_text && is_dropped(c)) continue;
    if (clean_text && is_space(c)) {
      result += U' ';
    } else if (handle_chinese_chars && is_chinese(c)) {
      result += {U' ', c, U' '};
    } else {
      result += c;
    }
  }
  if (strip_accents && !is_ascii(result)) {
    result = to_nfd(result);
    std::erase_if(result, is_nonspacing);
  }
  return lowercase ? to_lower(result) : result;
}

std::vector<std::u32string_view> bert_words(std::u32string_view text) {
  std::vector<std::u32string_view> words;
  std::size_t begin = 0;
  const auto end_word = [&](std::size_t end) {
    if (end > begin) words.push_back(text.substr(begin, end - begin));
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool space = is_space(text[i]);
    if (!space && !is_mark(text[i])) continue;
    end_word(i);
    if (!space) words.push_back(text.substr(i, 1));
    begin = i + 1;
  }
  end_word(text.size());
  return words;
}

}  // namespace hiddenkey
