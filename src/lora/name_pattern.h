#pragma once

#include <unicode/regex.h>

#include <memory>
#include <string>

namespace hiddenkey {

/// A regular expression that has to match a whole name, as Python's re.fullmatch does. ICU's dialect is the nearest to
/// Python's that a C++ program has; Python's (?P<name>...) is taken too.
class NamePattern {
 public:
  /// `key` is the setting that holds the pattern. ConfigError names it where the pattern is invalid.
  NamePattern(const std::string& pattern, std::string key);

  /// ConfigError where matching takes too long.
  bool matches(const std::string& name) const;

 private:
  std::string text_, key_;
  std::shared_ptr<const icu::RegexPattern> pattern_;
};

}  // namespace hiddenkey
