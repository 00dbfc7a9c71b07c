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

/// `x`, `x or y`, `x, y or z`, in quotes.
std::string alternatives(const std::vector<std::string>& keys) {
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i > 0) text += i + 1 == keys.size() ? " or " : ", ";
    text += "\"" + keys[i] + "\"";
  }
  return text;
}

/// A near name in this section, else the same name in other sections, else a near name in any.
std::vector<std::string> suggestions(const std::string& name, const std::string& section,
                                     const std::vector<std::string>& all_keys) {
  const std::string here = nearest(name, keys_of(section, all_keys));
  if (!here.empty()) return {here};
  std::vector<std::string> same, last_parts;
  for (const std::string& key : all_keys) {
    if (last_part(key) == name) same.push_back(key);
    last_parts.push_back(last_part(key));
  }
  if (!same.empty()) return same;
  const std::string elsewhere = nearest(name, last_parts);
  if (elsewhere.empty()) return {};
  return {*std::find_if(all_keys.begin(), all_keys.end(),
                        [&](const std::string& key) { return last_part(key) == elsewhere; })};
}

}  // namespace

void report_unknown_key(const Entry& entry, const std::string& section, const std::vector<std::string>& all_keys,
                        Problems& problems) {
  const std::string shown = entry.key.size() > 80 ? entry.key.substr(0, 80) + "..." : entry.key;
  const std::vector<std::string> near = suggestions(entry.key, section, all_keys);
  const std::string hint = near.empty() ? "" : " (did you mean " + alternatives(near) + "?)";
  problems.push_back({entry.where, section + shown, "unknown key" + hint});
}

void ReadVisitor::report_unknown_keys() const {
  for (const Entry& entry : section_.entries) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
    report_unknown_key(entry, prefix_, all_keys_, problems_);
  }
}

}  // namespace hiddenkey
