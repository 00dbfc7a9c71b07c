#include "adapter/name_pattern.h"

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

constexpr int32_t kRegexTimeLimit = 1000;  // in ICU's units of some thousand steps: a regex that runs away is stopped

/// ICU writes a named group without Python's P.
std::string icu_dialect(std::string pattern) {
  for (std::size_t at = pattern.find("(?P<"); at != std::string::npos; at = pattern.find("(?P<", at))
    pattern.erase(at + 2, 1);
  return pattern;
}

}  // namespace

bool is_or_ends_in(const std::string& module, const std::string& name) {
  return module == name || module.ends_with("." + name);
}

NamePattern::NamePattern(std::string pattern, std::string key, const std::string& before, const std::string& after)
    : text_(std::move(pattern)), key_(std::move(key)) {
  const std::string whole = before + "(?:" + icu_dialect(text_) + ")" + after;
  UErrorCode status = U_ZERO_ERROR;
  UParseError place;
  pattern_.reset(icu::RegexPattern::compile(icu::UnicodeString::fromUTF8(whole), place, status));
  if (U_FAILURE(status))
    throw ConfigError(key_, cat("\"", text_, "\" is no valid regular expression: ", u_errorName(status)));
}

bool NamePattern::matches(const std::string& name) const {
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString input = icu::UnicodeString::fromUTF8(name);
  const std::unique_ptr<icu::RegexMatcher> matcher(pattern_->matcher(input, status));
  if (matcher) matcher->setTimeLimit(kRegexTimeLimit, status);
  const bool found = matcher && matcher->matches(status);
  if (U_FAILURE(status)) throw ConfigError(key_, cat("\"", text_, "\" takes too long to match"));
  return found;
}

}  // namespace hiddenkey
