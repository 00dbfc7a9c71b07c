#include "score/ptb_tokenizer.h"

#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "score/lowercase.h"
#include "score/ptb_characters.h"
#include "score/ptb_lexer.h"

namespace hiddenkey {
namespace {

std::u16string to_utf16(std::string_view bytes) {
  const icu::UnicodeString text =
      icu::UnicodeString::fromUTF8(icu::StringPiece(bytes.data(), static_cast<int32_t>(bytes.size())));
  return {text.getBuffer(), static_cast<std::size_t>(text.length())};
}

std::string to_utf8(const std::u16string& text) {
  std::string bytes;
  icu::UnicodeString(text.data(), static_cast<int32_t>(text.size())).toUTF8String(bytes);
  return bytes;
}

void replace_all(std::u16string& text, std::u16string_view from, std::u16string_view to) {
  for (std::size_t i = text.find(from); i != std::u16string::npos; i = text.find(from, i + to.size())) {
    text.replace(i, from.size(), to);
  }
}

/// LaTeX's quotes.
std::u16string quotes(std::u16string text, PtbKind kind) {
  replace_all(text, u"&quot;", u"\"");
  if (kind == PtbKind::kOpenQuote) {
    replace_all(text, u"'", u"`");
    replace_all(text, u"\"", u"``");
  }
  replace_all(text, u"\"", u"''");
  std::u16string result;
  for (const char16_t c : text) {
    if (ptb::is_one_of(c, u"\u0091\u2018\u201B\u2039")) {
      result += u"`";
    } else if (ptb::is_one_of(c, u"\u0092\u2019\u203A")) {
      result += u"'";
    } else if (ptb::is_one_of(c, u"\u0093\u201C\u201F\u00AB")) {
      result += u"``";
    } else if (ptb::is_one_of(c, u"\u0094\u201D\u00BB")) {
      result += u"''";
    } else {
      result += c;
    }
  }
  return result;
}

std::u16string currency(char16_t c) {
  if (c == u'\u00A2') return u"cents";
  if (c == u'\u00A3') return u"#";
  if (ptb::is_one_of(c, u"\u0080\u00A4\u20A0\u20AC")) return u"$";
  return {c};
}

std::u16string fraction(char16_t c) {
  constexpr std::array<std::pair<char16_t, const char16_t*>, 5> kNames{
      {{u'\u00BC', u"1/4"}, {u'\u00BD', u"1/2"}, {u'\u00BE', u"3/4"}, {u'\u2153', u"1/3"}, {u'\u2154', u"2/3"}}};
  for (const auto& [sign, name] : kNames) {
    if (c == sign) return name;
  }
  return {c};
}

std::u16string bracket(char16_t c) {
  constexpr std::u16string_view kBrackets = u"()[]{}";
  constexpr std::array<const char16_t*, 6> kNames{u"-lrb-", u"-rrb-", u"-lsb-", u"-rsb-", u"-lcb-", u"-rcb-"};
  return kNames[kBrackets.find(c)];
}

std::u16string with_spaces(std::u16string text) {
  std::replace(text.begin(), text.end(), u' ', u'\u00A0');
  replace_all(text, u"(", u"-lrb-");
  replace_all(text, u")", u"-rrb-");
  return text;
}

std::u16string plain(std::u16string text) {
  replace_all(text, u"&amp;", u"&");
  if (text == u"&lt;") return u"<";
  if (text == u"&gt;") return u">";
  text.erase(std::remove(text.begin(), text.end(), u'\u00AD'), text.end());
  return text;
}

std::u16string normalised(std::u16string text, PtbKind kind) {
  switch (kind) {
    case PtbKind::kQuote:
    case PtbKind::kOpenQuote:
      return quotes(std::move(text), kind);
    case PtbKind::kAddress:
      return text;
    case PtbKind::kCurrency:
      return currency(text[0]);
    case PtbKind::kFraction:
      return fraction(text[0]);
    case PtbKind::kDash:
      return u"--";
    case PtbKind::kEllipsis:
      return u"...";
    case PtbKind::kBracket:
      return bracket(text[0]);
    case PtbKind::kWithSpaces:
      return with_spaces(std::move(text));
    case PtbKind::kPlain:
    case PtbKind::kRepeatsStop:
    case PtbKind::kNothing:
      return plain(std::move(text));
  }
  return text;
}

bool is_removed(const std::string& token) {
  constexpr std::array<std::string_view, 17> kRemoved{"''", "'", "``", "`", "-LRB-", "-RRB-", "-LCB-", "-RCB-", ".",
                                                      "?",  "!", ",",  ":", "-",     "--",    "...",   ";"};
  return std::find(kRemoved.begin(), kRemoved.end(), token) != kRemoved.end();
}

}  // namespace

std::vector<std::string> ptb_tokens(std::string_view line) {
  const std::u16string text = to_utf16(line);
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < text.size();) {
    const PtbPiece piece = next_ptb_piece(text, i);
    if (piece.kind != PtbKind::kNothing) {
      tokens.push_back(lowercase(to_utf8(normalised(text.substr(i, piece.length), piece.kind))));
      if (piece.kind == PtbKind::kRepeatsStop) tokens.emplace_back(".");
    }
    i += piece.length;
  }
  return tokens;
}

std::vector<std::string> ptb_words(std::string_view line) {
  std::vector<std::string> tokens = ptb_tokens(line);
  tokens.erase(std::remove_if(tokens.begin(), tokens.end(), is_removed), tokens.end());
  return tokens;
}

}  // namespace hiddenkey
