#include "score/meteor_normalizer.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "text/unicode.h"

namespace hiddenkey {
namespace {

constexpr char32_t kBlank = U' ';

bool is_between(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }
bool is_digit(char32_t c) { return is_between(c, U'0', U'9'); }

/// Latin and Cyrillic letters, as far as METEOR knows them: a Romanian letter with a comma below is a mark to it.
bool is_western_letter(char32_t c) {
  if (c < 0xC0) return is_between(c, U'a', U'z') || is_between(c, U'A', U'Z');
  if (c <= 0x17E) return c != 0xD7 && c != 0xF7;
  return is_between(c, 0x400, 0x527) || is_between(c, 0xA640, 0xA66E) || is_between(c, 0xA67E, 0xA697) ||
         is_between(c, 0x1D00, 0x1D7F);
}
bool is_letter_or_digit(char32_t c) { return is_western_letter(c) || is_digit(c); }

bool stands_alone(char32_t c) { return !is_letter_or_digit(c) && c != U'.' && c != U'\'' && c != U',' && c != U'-'; }

/// The characters of a word with plain quotes and dashes, and blanks around marks.
std::u32string with_plain_marks(const std::string& word) {
  std::u32string plain;
  for (char32_t c : decode_utf8(word)) {
    if (c == U'`' || c == U'\u2018' || c == U'\u2019') c = U'\'';
    const bool alone = stands_alone(c);
    if (c == U'\u201c' || c == U'\u201d') c = U'"';
    if (c == U'\u2013') c = U'-';
    if (c == U'-' && !plain.empty() && plain.back() == U'-') continue;
    if (alone)
      plain += {kBlank, c, kBlank};
    else
      plain += c;
  }
  return plain;
}

/// Collects words: a part goes on with the last word until that is closed.
class Parts {
 public:
  void append(char32_t c) {
    if (!open_) words_.emplace_back();
    append_utf8(words_.back(), c);
    open_ = true;
  }
  void close() { open_ = false; }
  void alone(char32_t c) {
    close();
    append(c);
    close();
  }
  std::vector<std::string> take() { return std::move(words_); }

 private:
  std::vector<std::string> words_;
  bool open_ = false;
};

void add_apostrophe(char32_t before, char32_t after, Parts& parts) {
  const bool follows_letter = is_western_letter(before), follows_digit = is_digit(before);
  if (!is_western_letter(after) || (!follows_letter && !follows_digit)) return parts.alone(U'\'');
  if (follows_letter || after == U's') parts.close();
  parts.append(U'\'');
}

bool parts_words(char32_t mark, char32_t before, char32_t after) {
  if (mark == U'-') return (is_letter_or_digit(before) || before == U'.') && is_letter_or_digit(after);
  return mark == U'\'' || (mark == U',' && !(is_digit(before) && is_digit(after)));
}

void add_parts(const std::u32string& word, Parts& parts) {
  const auto at = [&](std::size_t i) { return i < word.size() ? word[i] : kBlank; };
  std::size_t free_from = 0;  // a mark takes the character behind it, so that a mark right behind that one stays
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char32_t c = word[i], before = i > 0 ? word[i - 1] : kBlank, after = at(i + 1);
    if (i >= free_from && parts_words(c, before, after)) {
      free_from = i + 3;
      if (c == U'-') parts.close();
      if (c == U',') parts.alone(c);
      if (c == U'\'') add_apostrophe(before, after, parts);
    } else if (c == kBlank) {
      parts.close();
    } else {
      if (c == U'.' && after == U'.' && before != U'.') parts.close();
      parts.append(c);
      if (c == U'.' && before == U'.' && after != U'.') parts.close();
    }
  }
  parts.close();
}

bool has_letter(std::string_view text) {
  const std::u32string letters = decode_utf8(text);
  return std::any_of(letters.begin(), letters.end(), is_western_letter);
}

/// A period at the end stands alone, but for a word before one that begins in lower case; initials lose theirs.
void add_with_period(const std::string& word, const std::string* next, std::vector<std::string>& all) {
  const std::string stem = word.substr(0, word.size() - 1);
  if (stem.find('.') != std::string::npos && has_letter(stem)) {
    all.push_back(word);
    std::erase(all.back(), '.');
  } else if (next != nullptr && next->front() >= 'a' && next->front() <= 'z') {
    all.push_back(word);
  } else {
    all.push_back(stem);
    all.emplace_back(".");
  }
}

}  // namespace

std::vector<std::string> meteor_normalized(const std::vector<std::string>& words) {
  Parts parts;
  for (const std::string& word : words) add_parts(with_plain_marks(word), parts);
  const std::vector<std::string> parted = parts.take();
  std::vector<std::string> all;
  for (std::size_t i = 0; i < parted.size(); ++i) {
    const std::string& word = parted[i];
    if (word.back() == '.' && word.find_first_not_of('.') != std::string::npos) {
      add_with_period(word, i + 1 < parted.size() ? &parted[i + 1] : nullptr, all);
    } else {
      all.push_back(word);
    }
  }
  return all;
}

}  // namespace hiddenkey
