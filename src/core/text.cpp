#include "core/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace hiddenkey {
namespace {

// Longer names are not typing mistakes, and the table below is quadratic.
constexpr std::size_t kLongestName = 100;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

/// "warmup" of "warmup_ratio": a beginning long enough to be meant.
bool is_beginning(std::string_view part, std::string_view whole) {
  return part.size() >= 4 && whole.substr(0, part.size()) == part;
}

}  // namespace

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string result;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) result += separator;
    result += parts[i];
  }
  return result;
}

std::string join_first(std::vector<std::string> parts, std::size_t most) {
  const std::size_t all = parts.size();
  if (all > most) {
    parts.resize(most);
    parts.push_back(cat("and ", all - most, " more"));
  }
  return join(parts, ", ");
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != separator) continue;
    parts.emplace_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  return parts;
}

std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
  if (name.empty() || name.size() > kLongestName) return "";
  const std::string wanted = lower(name);
  std::string best, beginning;
  std::size_t best_distance = kLongestName;
  for (const std::string& candidate : candidates) {
    if (candidate == name) return "";  // what was said cannot be what was meant
    if (candidate.empty() || candidate.size() > kLongestName) continue;
    const std::string lowered = lower(candidate);
    const std::size_t distance = edit_distance(wanted, lowered);
    const std::size_t allowed = std::min<std::size_t>(3, (std::max(wanted.size(), lowered.size()) + 1) / 3);
    // A name of one or two letters has nothing in common with its neighbours, unless it differs in case only.
    const bool near = distance == 0 || (std::min(wanted.size(), lowered.size()) > 1 && distance <= allowed);
    if (near && distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
    if (beginning.empty() && is_beginning(wanted, lowered)) beginning = candidate;
  }
  return best.empty() ? beginning : best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string near = nearest(name, candidates);
  return near.empty() ? "" : " (did you mean \"" + near + "\"?)";
}

std::string format_number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 64> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return error == std::errc() ? std::string(buffer.data(), end) : std::to_string(value);
}

std::string format_duration(double seconds) {
  char text[32];
  const auto print = [&](const char* format, double value) {
    std::snprintf(text, sizeof text, format, value);
    return std::string(text);
  };
  if (seconds < 10) return print("%.2g s", seconds);
  if (seconds < 90) return print("%.0f s", seconds);
  return seconds < 5400 ? print("%.0f min", seconds / 60) : print("%.1f h", seconds / 3600);
}

std::string format_bytes(double bytes) {
  static constexpr std::array<const char*, 6> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  // 1023.95 would print as "1024.0".
  while (std::abs(bytes) >= (unit == 0 ? 1024 : 1023.95) && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  std::array<char, 64> buffer;
  std::snprintf(buffer.data(), buffer.size(), unit == 0 ? "%.0f %s" : "%.1f %s", bytes, kUnits[unit]);
  return buffer.data();
}

}  // namespace hiddenkey
