#pragma once

#include <unicode/regex.h>

#include <memory>
#include <string>

namespace hiddenkey {

/// PEFT's rule for a name that is no pattern: the module's whole name, or what stands behind a dot at its end.
bool is_or_ends_in(const std::string& module, const std::string& name);

/// What PEFT puts before a pattern for a module: it begins at a dot, or with the name.
inline constexpr const char* kFromDot = "(?:.*\\.)?";

/// A regular expression that has to match a whole name, as Python's re.fullmatch does. ICU's dialect is the nearest to
/// Python's that a C++ program has; Python's (?P<name>...) is taken too.
class NamePattern {
 public:
  /// `key` is the setting that holds the pattern; what stands in a name before and after its part is a pattern too.
  /// ConfigError names the setting where its pattern is invalid.
  NamePattern(std::string pattern, std::string key, const std::string& before = "", const std::string& after = "");

  /// ConfigError where matching takes too long.
  bool matches(const std::string& name) const;

 private:
  std::string text_, key_;
  std::shared_ptr<const icu::RegexPattern> pattern_;
};

}  // namespace hiddenkey
