#include "text/graphemes.h"

#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>
#include <string>

#include "core/error.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

/// Below the first combining character only a line's end has two code points.
bool stand_alone(std::u32string_view text) {
  constexpr char32_t kFirstCombining = 0x300;
  return std::all_of(text.begin(), text.end(), [](char32_t c) { return c < kFirstCombining && c != U'\r'; });
}

icu::BreakIterator& own_iterator() {
  thread_local const std::unique_ptr<icu::BreakIterator> iterator = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::BreakIterator> made(
        icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
    if (U_FAILURE(status)) throw Error(ErrorKind::kBug, "ICU has no rules for the characters of a text");
    return made;
  }();
  return *iterator;
}

}  // namespace

std::vector<std::u32string_view> graphemes(std::u32string_view text) {
  std::vector<std::u32string_view> result;
  if (stand_alone(text)) {
    for (std::size_t i = 0; i < text.size(); ++i) result.push_back(text.substr(i, 1));
    return result;
  }
  std::u32string seen(text);
  for (char32_t& c : seen) c = as_graphemes_see(c);
  const icu::UnicodeString wide =
      icu::UnicodeString::fromUTF32(reinterpret_cast<const UChar32*>(seen.data()), static_cast<int32_t>(seen.size()));
  icu::BreakIterator& iterator = own_iterator();
  iterator.setText(wide);
  std::size_t begin = 0;
  int32_t unit = iterator.first();
  for (int32_t end = iterator.next(); end != icu::BreakIterator::DONE; end = iterator.next()) {
    const auto size = static_cast<std::size_t>(wide.countChar32(unit, end - unit));
    result.push_back(text.substr(begin, size));
    begin += size;
    unit = end;
  }
  return result;
}

}  // namespace hiddenkey
