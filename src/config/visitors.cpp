#include "config/visitors.h"

#include <algorithm>

namespace hiddenkey {
namespace {

std::string last_part(const std::string& key) { return key.substr(key.rfind('.') + 1); }

/// The keys right below `section`, without it.
std::vector<std::string> keys_of(const std::string& section, const std::vector<std::string>& all_keys) {
  std::vector<std::string> keys;
  for (const std::string& key : all_keys) {
    const bool inside = key.rfind(section, 0) == 0 && key.find('.', section.size()) == std::string::npos;
    if (inside) keys.push_back(key.substr(section.size()));
  }
  return keys;
}

/// The same name in other sections, else a near name in this section, else a near name in any. A name that many
/// sections have says nothing of what is meant.
std::vector<std::string> suggestions(const std::string& name, const std::string& section,
                                     const std::vector<std::string>& all_keys) {
  constexpr std::size_t kMost = 3;
  std::vector<std::string> same, last_parts;
  for (const std::string& key : all_keys) {
    if (last_part(key) == name) same.push_back(key);
    last_parts.push_back(last_part(key));
  }
  if (!same.empty() && same.size() <= kMost) return same;
  const std::string here = nearest(name, keys_of(section, all_keys));
  if (!here.empty()) return {here};
  const std::string elsewhere = nearest(name, last_parts);
  if (elsewhere.empty()) return {};
  return {*std::find_if(all_keys.begin(), all_keys.end(),
                        [&](const std::string& key) { return last_part(key) == elsewhere; })};
}

}  // namespace

std::string did_you_mean_one_of(const std::vector<std::string>& keys) {
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i > 0) text += i + 1 == keys.size() ? " or " : ", ";
    text += "\"" + keys[i] + "\"";
  }
  return " (did you mean " + text + "?)";
}

void report_unknown_key(const Entry& entry, const std::string& section, const KnownKeys& known, Problems& problems) {
  const std::string shown = entry.key.size() > 80 ? entry.key.substr(0, 80) + "..." : entry.key;
  std::string hint = known.hint != nullptr ? known.hint(section + entry.key) : "";
  if (hint.empty()) {
    const std::vector<std::string> near = suggestions(entry.key, section, known.keys);
    if (!near.empty()) hint = did_you_mean_one_of(near);
  }
  problems.push_back({entry.where, section + shown, "unknown key" + hint});
}

void expected_section(const Value& value, const std::string& key, const KnownKeys& known, Problems& problems) {
  const std::vector<std::string> inside = keys_of(key + ".", known.keys);
  const std::string example = inside.empty() ? "" : cat(", such as ", key, ".", inside.front());
  expected(value, key, "a section with keys" + example, problems);
}

void ReadVisitor::report_unknown_keys() const {
  for (const Entry& entry : section_.entries) {
    const bool own = entry.key.starts_with("x-") && entry.where.layer != kCommandLine;
    if (own || std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
    report_unknown_key(entry, prefix_, keys_, problems_);
  }
}

}  // namespace hiddenkey
