#include "score/ptb_patterns.h"

#include <unicode/regex.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>

#include "score/ptb_characters.h"

namespace hiddenkey::ptb {
namespace {

using Text = std::u16string_view;

/// A regular expression of ICU, tried at one place.
class Pattern {
 public:
  explicit Pattern(const char16_t* expression) {
    UErrorCode status = U_ZERO_ERROR;
    pattern_.reset(icu::RegexPattern::compile(expression, 0, status));
  }
  std::size_t end(Text text, std::size_t i) const {
    UErrorCode status = U_ZERO_ERROR;
    const icu::UnicodeString input(false, text.data(), static_cast<int32_t>(text.size()));
    const std::unique_ptr<icu::RegexMatcher> matcher(pattern_->matcher(input, status));
    matcher->region(static_cast<int64_t>(i), static_cast<int64_t>(text.size()), status);
    return matcher->lookingAt(status) ? static_cast<std::size_t>(matcher->end(status)) : 0;
  }

 private:
  std::unique_ptr<icu::RegexPattern> pattern_;
};

/// A longer run without a blank is no address: each place of it would be searched to its end.
constexpr std::size_t kLongestAddress = 2048;

/// Most words are no address; a look at one saves trying.
bool may_be_address(Text word) {
  for (std::size_t stop = word.find(u'.'); stop != Text::npos; stop = word.find(u'.', stop + 1)) {
    if (is_letter(at(word, stop + 1))) return true;
  }
  return word.find(u'@') != Text::npos || word.find(u"://") != Text::npos;
}

}  // namespace

std::size_t tag(Text text, std::size_t i) {
  if (at(text, i) != u'<') return 0;
  static const Pattern pattern(
      u"<(?:[!?][A-Za-z\\-][^>]*"
      u"|/?[A-Za-z][A-Za-z0-9:.\\-]*(?: +(?:[A-Za-z][A-Za-z0-9:.\\-]*(?: *= *(?:'[^']*'|\"[^\"]*\"))?|/))* */?) *>");
  return pattern.end(text, i);
}

std::size_t dash(Text text, std::size_t i) {
  if (is_one_of(at(text, i), u"\u0096\u0097\u2013\u2014\u2015")) return i + 1;
  for (const Text name : {u"&md;", u"&mdash;", u"&ndash;"}) {
    if (starts(text, i, name)) return i + name.size();
  }
  return 0;
}

std::size_t address(Text text, std::size_t i) {
  if (at(text, i) == u'@' || at(text, i) == u'#') {
    static const Pattern name(u"@[A-Za-z_][A-Za-z_0-9]*|#\\p{L}+");
    return name.end(text, i);
  }
  const Text near = text.substr(i, kLongestAddress);
  const Text word = near.substr(0, std::min(near.find(u' '), near.size()));
  if (!may_be_address(word)) return 0;
  static const Pattern url(u"(?i)https?://[^ \\t\\n\\f\\r\"<>|(){}]+[^ \\t\\n\\f\\r\"<>|.!?(){},\\-]");
  // The range from the comma to the underscore is the tokenizer's: neither digits nor capitals.
  static const Pattern site(
      u"(?:[Ww]{3}\\.(?:[^ \\t\\n\\f\\r\"<>|.!?(){},]+\\.)+[a-zA-Z]{2,4}"
      u"|(?:[^ \\t\\n\\f\\r\"`'<>|.!?(){},-_$]+\\.)+(?i:com|net|org|edu))"
      u"(?:/[^ \\t\\n\\f\\r\"<>|()]+[^ \\t\\n\\f\\r\"<>|.!?(){},\\-])?");
  static const Pattern mail(
      u"(?i)(?:&lt;|<)?[a-z0-9][^ \\t\\n\\f\\r\"<>|(){}\\u00A0]*@(?:[^ \\t\\n\\f\\r\"<>|(){}.\\u00A0]+\\.)*"
      u"[^ \\t\\n\\f\\r\"<>|(){}.\\u00A0]+(?:&gt;|>)?");
  std::size_t best = std::max(url.end(text, i), site.end(text, i));
  if (word.find(u'@') != Text::npos) best = std::max(best, mail.end(text, i));
  return best;
}

std::size_t superscripts(Text text, std::size_t i) {
  const auto superior = [](char16_t c) {
    return is_one_of(c, u"\u2070\u00B9\u00B2\u00B3") || (c >= 0x2074 && c <= 0x2079);
  };
  const auto inferior = [](char16_t c) { return c >= 0x2080 && c <= 0x2089; };
  std::size_t end = i;
  while (superior(at(text, end))) ++end;
  if (end > i) return end;
  while (inferior(at(text, end))) ++end;
  return end > i ? end : 0;
}

std::size_t fraction(Text text, std::size_t i) {
  if (!is_digit(at(text, i))) return 0;
  static const Pattern date(u"\\p{Nd}{1,2}[\\-/]\\p{Nd}{1,2}[\\-/]\\p{Nd}{2,4}");
  static const Pattern parts(u"(?:\\p{Nd}{1,4}[- \\u00A0])?\\p{Nd}{1,4}(?:\\\\?/|\\u2044)\\p{Nd}{1,4}");
  return std::max(date.end(text, i), parts.end(text, i));
}

std::size_t phone(Text text, std::size_t i) {
  if (!is_digit(at(text, i)) && !is_one_of(at(text, i), u"(+")) return 0;
  static const Pattern spaced(
      u"(?:\\([0-9]{2,3}\\)[ \\u00A0]?|(?:\\+\\+?)?(?:[0-9]{2,4}[\\- \\u00A0])?[0-9]{2,4}[\\- \\u00A0])"
      u"[0-9]{3,4}[\\- \\u00A0]?[0-9]{3,5}");
  static const Pattern dotted(u"(?:(?:\\+\\+?)?[0-9]{2,4}\\.)?[0-9]{2,4}\\.[0-9]{3,4}\\.[0-9]{3,5}");
  return std::max(spaced.end(text, i), dotted.end(text, i));
}

std::size_t smiley(Text text, std::size_t i) {
  static const Pattern western(u"[<>]?[:;=][\\-o*']?[()DPdpO\\\\{@|\\[\\]](?![A-Za-z0-9])");
  static const Pattern eastern(
      u"[\\-^x=~<>']_[\\-^x=~<>']|\\([\\-^x=~<>'][_.]?[\\-^x=~<>']\\)|\\([\\^x=~<>']-[\\^x=~<>'`]\\)");
  if (is_one_of(at(text, i), u"<>:;=")) {
    if (const std::size_t end = western.end(text, i); end != 0) return end;
  }
  return is_one_of(at(text, i), u"-^x=~<>'(") ? eastern.end(text, i) : 0;
}

std::size_t file_name(Text text, std::size_t i) {
  std::size_t stop = i;
  while (is_alphanumeric(at(text, stop))) ++stop;
  if (stop == i || at(text, stop) != u'.' || !is_alphanumeric(at(text, stop + 1))) return 0;
  static const Pattern pattern(
      u"(?i)[\\p{L}\\p{Nd}]+(?:\\.[\\p{L}\\p{Nd}]+)*\\.(?:bat|bmp|c|class|cgi|cpp|dll|docx?|exe|gif|gz|h|html?|jar|"
      u"java|jpe?g|mov"
      u"|mp3|pdf|php|pl|png|ppt|ps|py|sql|tar|txt|wav|x|xml|zip)(?=[\\s.?!,]|$)");
  return pattern.end(text, i);
}

std::size_t treebank_word(Text text, std::size_t i) {
  for (const Text word : {u"-rrb-", u"-lrb-", u"-rcb-", u"-lcb-", u"-rsb-", u"-lsb-", u"c.d.s", u"pro-", u"anti-",
                          u"s&p-500", u"s&ls", u"cap'n", u"c'est", u"cap\u2019n", u"c\u2019est"}) {
    if (starts(text, i, word)) return i + word.size();
  }
  return 0;
}

std::size_t sentence_opener(Text text, std::size_t i) {
  static constexpr std::array<Text, 47> kWords{
      u"About", u"According", u"Additionally", u"After",   u"An",   u"A",     u"As",    u"At",   u"But",   u"Earlier",
      u"He",    u"Her",       u"Here",         u"However", u"If",   u"In",    u"It",    u"Last", u"Many",  u"More",
      u"Mr.",   u"Ms.",       u"Now",          u"Once",    u"One",  u"Other", u"Our",   u"She",  u"Since", u"So",
      u"Some",  u"Such",      u"That",         u"The",     u"Then", u"There", u"These", u"They", u"This",  u"We",
      u"When",  u"While",     u"What",         u"Yet",     u"You",  u"Their", u"Who"};
  std::size_t begin = i;
  while (is_space(at(text, begin))) ++begin;
  if (begin == i) return 0;
  for (const Text word : kWords) {
    const std::size_t end = begin + word.size();
    if (text.substr(begin, word.size()) == word && (is_space(at(text, end)) || at(text, end) == u'\n')) return end + 1;
  }
  return 0;
}

}  // namespace hiddenkey::ptb
