#include "score/ptb_lexer.h"

#include <algorithm>

#include "score/ptb_abbreviations.h"
#include "score/ptb_characters.h"
#include "score/ptb_patterns.h"
#include "score/ptb_words.h"

namespace hiddenkey {
namespace {

using Text = std::u16string_view;
using namespace ptb;

std::size_t run_of(Text text, std::size_t i, char16_t c) {
  while (i < text.size() && text[i] == c) ++i;
  return i;
}

/// The best match so far.
class Longest {
 public:
  Longest(Text text, std::size_t begin) : text_(text), begin_(begin) {}

  /// A rule that ends at `end` and has to see the text up to `seen`; 0 is no match.
  void take(std::size_t end, PtbKind kind, std::size_t seen = 0) {
    seen = std::max(end, seen);
    if (end <= begin_ || seen <= seen_) return;
    seen_ = seen;
    piece_ = {end - begin_, kind};
  }
  /// The same, for a rule with `ahead` characters of context that hold or do not.
  void take_before(std::size_t end, PtbKind kind, bool holds, std::size_t ahead) {
    if (end != 0 && holds) take(end, kind, end + ahead);
  }
  PtbPiece piece() const { return piece_; }
  Text text() const { return text_; }
  std::size_t begin() const { return begin_; }

 private:
  Text text_;
  std::size_t begin_;
  std::size_t seen_ = 0;
  PtbPiece piece_;
};

/// cannot, gonna and others are two words.
void take_contractions(Longest& best) {
  const Text text = best.text();
  const std::size_t i = best.begin();
  for (const Text whole : {u"c++", u"c#", u"f#"}) {
    if (starts(text, i, whole)) best.take(i + whole.size(), PtbKind::kPlain);
  }
  for (const Text whole : {u"cannot", u"'twas"}) {
    if (starts(text, i, whole)) best.take(i + whole.size() - 3, PtbKind::kPlain, i + whole.size());
  }
  for (const Text whole : {u"'tis", u"gonna", u"gotta", u"lemme", u"gimme", u"wanna"}) {
    if (starts(text, i, whole)) best.take(i + whole.size() - 2, PtbKind::kPlain, i + whole.size());
  }
}

void take_words(Longest& best) {
  const Text text = best.text();
  const std::size_t i = best.begin(), word_end = word(text, i);
  if (word_end != 0) best.take(clitic(text, word_end) != 0 ? word_end : 0, PtbKind::kPlain, clitic(text, word_end));
  if (const std::size_t end = negated(text, i); end != 0) best.take(end, PtbKind::kPlain, end + 3);
  best.take(word_end, PtbKind::kPlain);
  best.take(apostrophe_word(text, i), PtbKind::kPlain);
  best.take_before(starts(text, i, u"y") && is_single_quote(at(text, i + 1)) ? i + 2 : 0, PtbKind::kPlain,
                   is_letter(at(text, i + 2)), 1);
}

void take_clitics(Longest& best) {
  const std::size_t end = clitic(best.text(), best.begin());
  best.take_before(end, PtbKind::kQuote, !is_ascii_letter(at(best.text(), end)), 1);
  best.take(negation(best.text(), best.begin()), PtbKind::kQuote);
}

/// $, #, US$, and the signs of other currencies.
void take_currency(Longest& best) {
  const Text text = best.text();
  const std::size_t i = best.begin();
  const std::size_t capitals = run(text, i, [](char16_t c) { return c >= u'A' && c <= u'Z'; });
  if (at(text, capitals) == u'$') best.take(capitals + 1, PtbKind::kPlain);
  if (at(text, i) == u'#') best.take(i + 1, PtbKind::kPlain);
  if (is_one_of(at(text, i), u"\u00A2\u00A3\u00A4\u00A5\u0080\u20A0\u20AC\u060B\u0E3F\u20A4\uFFE0\uFFE1\uFFE5\uFFE6"))
    best.take(i + 1, PtbKind::kCurrency);
}

/// Short forms, with the period. At the end of a line they end a sentence.
void take_abbreviations(Longest& best) {
  const Text text = best.text();
  const std::size_t i = best.begin();
  for (std::size_t end = i; end < i + 24 && end < text.size(); ++end) {
    if (text[end] != u'.') continue;
    const Abbreviation kind = abbreviation_of(text.substr(i, end - i));
    const std::size_t stop = end + 1;
    const char16_t next = at(text, stop), then = at(text, stop + 1);
    const std::size_t space = is_space(next) || next == u'\n' ? 1 : 0;
    switch (kind) {
      case Abbreviation::kBeforeNumber:
        if (is_digit(at(text, stop + space))) best.take(stop, PtbKind::kPlain, stop + space + 1);
        break;
      case Abbreviation::kBeforeLower:
        if (starts(text, i, u"co.") || starts(text, i, u"pty.") || starts(text, i, u"pte.")) {
          if (starts(text, stop, u" ltd") || starts(text, stop, u" lim")) best.take(stop, PtbKind::kPlain, stop + 4);
        }
        if (space != 0 && (is_space(then) || then == u'\n' || (then >= u'A' && then <= u'Z')))
          best.take(stop, PtbKind::kRepeatsStop, stop + 2);
        best.take(stop, PtbKind::kPlain, stop + 2);
        break;
      case Abbreviation::kBeforeUpper:
        best.take(stop, PtbKind::kPlain);
        break;
      case Abbreviation::kNone:
        break;
    }
  }
}

/// "U.S. The" and "I. He" end a sentence; the second is no abbreviation at all.
void take_acronyms(Longest& best) {
  const std::size_t end = acronym(best.text(), best.begin());
  if (end == 0) return;
  const std::size_t seen = ptb::sentence_opener(best.text(), end);
  if (seen == 0) return;
  if (end == best.begin() + 2) {
    best.take(end - 1, PtbKind::kPlain, seen);
  } else {
    best.take(end, PtbKind::kRepeatsStop, seen);
  }
}

/// A word with a period before a comma, colon or semicolon keeps the period.
void take_stopped(Longest& best, std::size_t end) {
  const Text text = best.text();
  if (end != 0 && at(text, end) == u'.')
    best.take_before(end + 1, PtbKind::kPlain, is_one_of(at(text, end + 1), u",;:"), 1);
}

void take_double_quotes(Longest& best) {
  const Text text = best.text();
  const std::size_t i = best.begin();
  const std::size_t end = at(text, i) == u'"' ? i + 1 : starts(text, i, u"&quot;") ? i + 6 : 0;
  best.take_before(end, PtbKind::kOpenQuote, is_ascii_alphanumeric(at(text, end)) || at(text, end) == u'$', 1);
  best.take(end, PtbKind::kQuote);
}

void take_dots_and_dashes(Longest& best) {
  const Text text = best.text();
  const std::size_t i = best.begin();
  const std::size_t dashes = run_of(text, i, u'-');
  best.take(dashes, dashes - i == 3 || dashes - i == 4 ? PtbKind::kDash : PtbKind::kPlain);
  if (const std::size_t dots = run_of(text.substr(0, i + 5), i, u'.'); dots >= i + 3)
    best.take(dots, PtbKind::kEllipsis);
  if (at(text, i) == u'\u2026' || at(text, i) == u'\u0085') best.take(i + 1, PtbKind::kEllipsis);
  std::size_t spaced = i;
  while (spaced < i + 8 && at(text, spaced) == u'.' && is_one_of(at(text, spaced + 1), u" \u00A0") &&
         at(text, spaced + 2) == u'.')
    spaced += 2;
  if (spaced >= i + 4) best.take(spaced + 1, PtbKind::kEllipsis);
}

void take_marks(Longest& best) {
  const Text text = best.text();
  const std::size_t i = best.begin();
  for (const char16_t mark : {u'@', u'#', u'_', u'*'}) best.take(run_of(text, i, mark), PtbKind::kPlain);
  if (at(text, i) == u'\\' && at(text, i + 1) == u'*') best.take(i + 2, PtbKind::kPlain);
  best.take(run(text, i, [](char16_t c) { return c == u'?' || c == u'!'; }), PtbKind::kPlain);
  if (is_one_of(at(text, i), u"()[]{}")) best.take(i + 1, PtbKind::kBracket);
  for (const Text whole : {u"<<", u">>", u"<", u">", u"&lt;", u"&gt;"}) {
    if (starts(text, i, whole)) best.take(i + whole.size(), PtbKind::kPlain);
  }
}

void take_quotes(Longest& best) {
  const Text text = best.text();
  const std::size_t i = best.begin();
  if (!is_quote(at(text, i))) return;
  const bool opens = is_ascii_letter(at(text, i + 1)) && !is_space(at(text, i + 2)) && at(text, i + 2) != u'\n';
  if (at(text, i) == u'\'') best.take_before(i + 1, PtbKind::kOpenQuote, opens, 2);
  best.take(clitic(text, i), PtbKind::kQuote);
  best.take(i + 1, PtbKind::kQuote);
  const bool straight = at(text, i) == u'\'', again = at(text, i + 1) == u'\'';
  if (is_quote(at(text, i + 1)) && straight == again) best.take(i + 2, PtbKind::kQuote);
}

void take_numbers(Longest& best) {
  const Text text = best.text();
  const std::size_t i = best.begin();
  best.take(number(text, i), PtbKind::kPlain);
  best.take(ptb::superscripts(text, i), PtbKind::kPlain);
  best.take(ptb::fraction(text, i), PtbKind::kWithSpaces);
  if (is_one_of(at(text, i), u"\u00BC\u00BD\u00BE") || (at(text, i) >= 0x2153 && at(text, i) <= 0x215E))
    best.take(i + 1, PtbKind::kFraction);
}

/// '99 before a space.
void take_year(Longest& best) {
  const Text text = best.text();
  const std::size_t i = best.begin();
  if (!is_single_quote(at(text, i)) || !is_digit(at(text, i + 1)) || !is_digit(at(text, i + 2))) return;
  best.take_before(i + 3, PtbKind::kPlain, is_space(at(text, i + 3)) || at(text, i + 3) == u'\n', 1);
}

}  // namespace

PtbPiece next_ptb_piece(std::u16string_view text, std::size_t i) {
  Longest best(text, i);
  // The order decides between rules that match as much.
  take_contractions(best);
  best.take(ptb::tag(text, i), PtbKind::kWithSpaces);
  best.take(ptb::dash(text, i), PtbKind::kDash);
  if (starts(text, i, u"&amp;")) best.take(i + 5, PtbKind::kPlain);
  take_words(best);
  best.take(ptb::address(text, i), PtbKind::kAddress);
  take_clitics(best);
  take_numbers(best);
  best.take(ptb::treebank_word(text, i), PtbKind::kPlain);
  best.take(slashed(text, i), PtbKind::kPlain);
  take_currency(best);
  take_acronyms(best);
  take_abbreviations(best);
  take_year(best);
  best.take(ptb::file_name(text, i), PtbKind::kPlain, ptb::file_name(text, i) + 1);
  take_stopped(best, word(text, i));
  best.take(ptb::phone(text, i), PtbKind::kWithSpaces);
  take_double_quotes(best);
  best.take(ptb::smiley(text, i), PtbKind::kWithSpaces, ptb::smiley(text, i) + 1);
  take_dots_and_dashes(best);
  take_marks(best);
  for (const std::size_t end : {hyphenated(text, i), thing(text, i), joined_capitals(text, i)}) {
    take_stopped(best, end);
    best.take(end, PtbKind::kPlain);
  }
  take_quotes(best);
  if (is_symbol(at(text, i))) best.take(i + 1, PtbKind::kPlain);
  return best.piece();
}

}  // namespace hiddenkey
