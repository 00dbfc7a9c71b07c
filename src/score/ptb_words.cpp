#include "score/ptb_words.h"

#include <algorithm>

#include "score/ptb_characters.h"

namespace hiddenkey::ptb {
namespace {

using Text = std::u16string_view;

bool is_word_part(char16_t c) { return is_letter(c) || is_digit(c); }
bool is_capital(char16_t c) { return c >= u'A' && c <= u'Z'; }
bool is_hyphen(char16_t c) { return is_one_of(c, u"-_\u058A\u2010\u2011"); }
/// What stands for an apostrophe inside of a word, rightly or wrongly.
bool is_loose_quote(char16_t c) { return is_single_quote(c) || is_one_of(c, u"\u0091\u2018\u201B"); }

/// The longest of several matches.
class Best {
 public:
  void take(bool matches, std::size_t end) { end_ = matches ? std::max(end_, end) : end_; }
  std::size_t end() const { return end_; }

 private:
  std::size_t end_ = 0;
};

void take_leading_apostrophes(Text text, std::size_t i, Best& best) {
  if (!is_single_quote(at(text, i))) return;
  best.take(starts(text, i + 1, u"n"), is_single_quote(at(text, i + 2)) ? i + 3 : i + 2);
  best.take(starts(text, i + 1, u"em"), i + 3);
  best.take(at(text, i + 1) >= u'2' && at(text, i + 1) <= u'9' && starts(text, i + 2, u"0s"), i + 4);
  best.take(starts(text, i + 1, u"til"), starts(text, i + 4, u"l") ? i + 5 : i + 4);
  best.take(starts(text, i + 1, u"cause"), i + 6);
}

void take_trailing_apostrophes(Text text, std::size_t i, Best& best) {
  best.take(is_one_of(at(text, i), u"lLdDjJ") && is_single_quote(at(text, i + 1)), i + 2);
  for (const Text start : {u"dunkin", u"somethin", u"ol"}) {
    best.take(starts(text, i, start) && is_single_quote(at(text, i + start.size())), i + start.size() + 1);
  }
}

void take_inner_apostrophes(Text text, std::size_t i, Best& best) {
  const std::size_t quote = run(text, i, is_letter);
  if (quote == i || !is_loose_quote(at(text, quote))) return;
  const std::size_t end = run(text, quote + 1, is_letter);
  const char16_t first = text[i], before = text[quote - 1], next = at(text, quote + 1);
  if (quote == i + 1) {
    const bool borrowed = first == u'n' || (is_capital(first) && !is_one_of(first, u"IY"));
    best.take(borrowed && end >= quote + 3, end);
    best.take(is_one_of(first, u"oO") && is_one_of(next, u"oO"), quote + 2);
  } else {
    best.take(is_one_of(before, u"aeiouyAEIOUY") && (is_one_of(next, u"aeiou") || is_capital(next)), end);
  }
}

/// A part of and/or: letters and digits, with up to two hyphens before letters. `from` where there is none.
std::size_t slashed_part(Text text, std::size_t from) {
  std::size_t end = run(text, from, is_ascii_alphanumeric);
  for (int hyphens = 0; end > from && hyphens < 2; ++hyphens) {
    if (at(text, end) != u'-' || !is_ascii_letter(at(text, end + 1))) break;
    end = run(text, end + 1, is_ascii_letter);
  }
  return end;
}

}  // namespace

std::size_t run(Text text, std::size_t i, bool (*belongs)(char16_t)) {
  while (i < text.size() && belongs(text[i])) ++i;
  return i;
}

std::size_t word(Text text, std::size_t i) {
  if (!is_letter(at(text, i))) return 0;
  for (;;) {
    i = run(text, i, is_word_part);
    if (!is_one_of(at(text, i), u".!?") || !is_letter(at(text, i + 1))) return i;
    ++i;
  }
}

std::size_t clitic(Text text, std::size_t i) {
  if (!is_single_quote(at(text, i))) return 0;
  if (is_one_of(at(text, i + 1), u"msdMSD")) return i + 2;
  for (const Text end : {u"re", u"ve", u"ll"}) {
    if (starts(text, i + 1, end)) return i + 3;
  }
  return 0;
}

std::size_t negation(Text text, std::size_t i) {
  return starts(text, i, u"n") && is_loose_quote(at(text, i + 1)) && starts(text, i + 2, u"t") ? i + 3 : 0;
}

std::size_t negated(Text text, std::size_t i) {
  const std::size_t end = run(text, i, is_ascii_letter);
  if (end < i + 2 || negation(text, end - 1) == 0) return 0;
  return is_one_of(text[end - 2], u"nN") ? 0 : end - 1;
}

std::size_t apostrophe_word(Text text, std::size_t i) {
  Best best;
  take_leading_apostrophes(text, i, best);
  take_trailing_apostrophes(text, i, best);
  take_inner_apostrophes(text, i, best);
  for (const Text whole :
       {u"cont'd.", u"cont'd", u"'twas", u"nor'easter", u"c'mon", u"e'er", u"s'mores", u"ev'ry", u"li'l", u"nat'l"}) {
    best.take(starts(text, i, whole), i + whole.size());
  }
  return best.end();
}

std::size_t number(Text text, std::size_t i) {
  constexpr Text kBetween = u".:,\u00AD\u066B\u066C";
  if (is_one_of(at(text, i), u"+-")) ++i;
  std::size_t end = run(text, i, is_digit);
  if (end == i && !(is_one_of(at(text, i), kBetween) && is_digit(at(text, i + 1)))) return 0;
  while (is_one_of(at(text, end), kBetween) && is_digit(at(text, end + 1))) end = run(text, end + 1, is_digit);
  return end;
}

std::size_t thing(Text text, std::size_t i) {
  std::size_t end = 0;
  for (;;) {
    const bool french = is_one_of(at(text, i), u"dDoOlL") && is_loose_quote(at(text, i + 1));
    if (french && is_alphanumeric(at(text, i + 2)) && is_alphanumeric(at(text, i + 3))) i += 2;
    const std::size_t part = run(text, i, is_alphanumeric);
    if (part == i) return end;
    end = part;
    if (!is_hyphen(at(text, end))) return end;
    i = end + 1;
  }
}

std::size_t acronym(Text text, std::size_t i) {
  std::size_t end = 0;
  while (is_ascii_letter(at(text, i)) && at(text, i + 1) == u'.') end = i += 2;
  return end;
}

std::size_t hyphenated(Text text, std::size_t i) {
  if (!is_ascii_alphanumeric(at(text, i))) return 0;
  while (is_ascii_alphanumeric(at(text, i)) || is_one_of(at(text, i), u".,\u00AD")) ++i;
  std::size_t end = 0;
  while (at(text, i) == u'-') {
    const std::size_t part = run(text, i + 1, is_ascii_alphanumeric), dotted = acronym(text, i + 1);
    if (part == i + 1) break;
    end = i = dotted >= i + 5 && dotted > part ? dotted : part;
  }
  return end;
}

std::size_t slashed(Text text, std::size_t i) {
  std::size_t end = slashed_part(text, i), result = 0;
  if (end == i) return 0;
  for (int slashes = 0; slashes < 2; ++slashes) {
    const std::size_t slash = at(text, end) == u'\\' ? end + 1 : end;
    if (at(text, slash) != u'/') break;
    const std::size_t next = slashed_part(text, slash + 1);
    if (next == slash + 1) break;
    result = end = next;
  }
  return result;
}

std::size_t joined_capitals(Text text, std::size_t i) {
  std::size_t end = run(text, i, is_capital), result = 0;
  while (end > i && is_one_of(at(text, end), u"+&")) {
    const std::size_t begin = end + (starts(text, end, u"&amp;") ? 5 : 1), next = run(text, begin, is_capital);
    if (next == begin) break;
    result = end = next;
  }
  return result;
}

}  // namespace hiddenkey::ptb
