#pragma once

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace hiddenkey {

/// The arguments streamed one after the other: cat("layer ", 3, " of ", path).
template <class... Args>
std::string cat(const Args&... args) {
  std::ostringstream out;
  (out << ... << args);
  return out.str();
}

std::string join(const std::vector<std::string>& parts, std::string_view separator);
/// "a, b, c, and 5 more": at most `most` of many parts.
std::string join_first(std::vector<std::string> parts, std::size_t most);
std::vector<std::string> split(std::string_view text, char separator);

/// The candidate nearest to `name` in edit distance, or "" where none is near enough to suggest.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

/// ` (did you mean "x"?)`, or "" where nothing is near.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

/// The shortest decimal that reads back as the same double: 0.1, 4e-05, 16.
std::string format_number(double value);

/// "0.95 s", "85 s", "12 min", "3.4 h".
std::string format_duration(double seconds);

/// 1536 -> "1.5 KiB", 3.2e9 -> "3.0 GiB".
std::string format_bytes(double bytes);

}  // namespace hiddenkey
