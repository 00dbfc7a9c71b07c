#include "text/pre_tokenizer.h"

#include <unicode/regex.h>
#include <unicode/unistr.h>

#include "core/error.h"
#include "core/text.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

/// Counts code points along growing UTF-16 offsets.
class CodePoints {
 public:
  explicit CodePoints(const icu::UnicodeString& text) : text_(text) {}
  std::size_t before(int32_t offset) {
    points_ += static_cast<std::size_t>(text_.countChar32(offset_, offset - offset_));
    offset_ = offset;
    return points_;
  }

 private:
  const icu::UnicodeString& text_;
  int32_t offset_ = 0;
  std::size_t points_ = 0;
};

/// \w as the reference has it: ICU's takes the joiners, and not the small numbers of Latin-1.
std::string with_word_class(const std::string& pattern) {
  constexpr const char* kMembers = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u00B2\u00B3\u00B9\u00BC-\u00BE])";
  std::string result;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char next = pattern[i] == '\\' && i + 1 < pattern.size() ? pattern[i + 1] : '\0';
    if (next == 'w' || next == 'W') {
      result += cat(next == 'w' ? "[" : "[^", kMembers);
    } else {
      result += pattern.substr(i, next == '\0' ? 1 : 2);
    }
    i += next == '\0' ? 0 : 1;
  }
  return result;
}

icu::UnicodeString as_regexes_see(std::u32string_view text) {
  std::u32string seen(text);
  for (char32_t& c : seen) c = hiddenkey::as_regexes_see(c);
  return icu::UnicodeString::fromUTF32(reinterpret_cast<const UChar32*>(seen.data()),
                                       static_cast<int32_t>(seen.size()));
}

// An expression that runs away is stopped: after so many of ICU's units of some thousand steps, and one more for so
// many characters of the text, or when what it might come back to takes so many bytes.
constexpr int32_t kTimeLimit = 1000, kCharactersAUnit = 250, kStackLimit = 1 << 28;

class RegexCutter : public Cutter {
 public:
  RegexCutter(const std::string& pattern, const std::string& source) : source_(source) {
    UErrorCode status = U_ZERO_ERROR;
    UParseError place;
    pattern_.reset(
        icu::RegexPattern::compile(icu::UnicodeString::fromUTF8(with_word_class(pattern)), 0, place, status));
    if (U_FAILURE(status))
      throw ModelError(cat(source, ": the regular expression \"", pattern, "\" is malformed: ", u_errorName(status)));
  }

  void cut(std::u32string_view text, std::vector<std::u32string_view>& parts) const override {
    const icu::UnicodeString wide = as_regexes_see(text);
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::RegexMatcher> matcher(pattern_->matcher(wide, status));
    if (U_SUCCESS(status)) matcher->setStackLimit(kStackLimit, status);
    if (U_SUCCESS(status)) matcher->setTimeLimit(kTimeLimit + wide.length() / kCharactersAUnit, status);
    CodePoints points(wide);
    std::size_t done = 0;
    const auto add = [&](std::size_t end) {
      if (end > done) parts.push_back(text.substr(done, end - done));
      done = end;
    };
    while (U_SUCCESS(status) && matcher->find(status)) {
      add(points.before(matcher->start(status)));
      add(points.before(matcher->end(status)));
    }
    if (U_FAILURE(status))
      throw ModelError(cat(source_, ": the regular expression takes too long on a text: ", u_errorName(status)));
    add(text.size());
  }

 private:
  std::string source_;
  std::unique_ptr<icu::RegexPattern> pattern_;
};

class DigitCutter : public Cutter {
 public:
  explicit DigitCutter(bool individual) : individual_(individual) {}

  void cut(std::u32string_view text, std::vector<std::u32string_view>& parts) const override {
    for (std::size_t begin = 0; begin < text.size();) {
      const bool number = is_numeric(text[begin]);
      std::size_t end = begin + 1;
      while (end < text.size() && is_numeric(text[end]) == number && !(number && individual_)) ++end;
      parts.push_back(text.substr(begin, end - begin));
      begin = end;
    }
  }

 private:
  bool individual_;
};

class SpaceCutter : public Cutter {
 public:
  void cut(std::u32string_view text, std::vector<std::u32string_view>& parts) const override {
    for (std::size_t begin = 0; begin < text.size();) {
      std::size_t end = begin;
      while (end < text.size() && !is_space(text[end])) ++end;
      if (end > begin) parts.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
  }
};

}  // namespace

std::unique_ptr<const Cutter> regex_cutter(const std::string& pattern, const std::string& source) {
  return std::make_unique<RegexCutter>(pattern, source);
}

std::unique_ptr<const Cutter> digit_cutter(bool individual) { return std::make_unique<DigitCutter>(individual); }
std::unique_ptr<const Cutter> space_cutter() { return std::make_unique<SpaceCutter>(); }

std::vector<std::u32string_view> cut_by(std::u32string_view text,
                                        const std::vector<std::unique_ptr<const Cutter>>& cutters) {
  std::vector<std::u32string_view> parts = {text};
  for (const auto& cutter : cutters) {
    std::vector<std::u32string_view> finer;
    for (const std::u32string_view part : parts) cutter->cut(part, finer);
    parts = std::move(finer);
  }
  return parts;
}

std::u32string Metaspace::apply(std::u32string_view text, bool at_start) const {
  std::u32string marked(text);
  for (char32_t& c : marked) {
    if (c == U' ') c = mark;
  }
  const bool wanted = prepend == Prepend::kAlways || (prepend == Prepend::kFirst && at_start);
  if (wanted && !marked.starts_with(mark)) marked.insert(marked.begin(), mark);
  return marked;
}

std::vector<std::u32string_view> Metaspace::words(std::u32string_view marked) const {
  if (!split) return {marked};
  std::vector<std::u32string_view> result;
  while (!marked.empty()) {
    const std::size_t size = std::min(marked.find(mark, 1), marked.size());
    result.push_back(marked.substr(0, size));
    marked.remove_prefix(size);
  }
  return result;
}

}  // namespace hiddenkey
