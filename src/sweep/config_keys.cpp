#include "sweep/config_keys.h"

#include <algorithm>
#include <map>

#include "config/visitors.h"
#include "core/text.h"
#include "settings/foreign_keys.h"
#include "settings/run_config.h"

namespace hiddenkey {
namespace {

/// The config's keys that a sweep sets for each trial, and how it is told to.
constexpr std::pair<const char*, const char*> kSetByTheSweep[] = {
    {"training.seed", "is set by the sweep's own key `seeds`"},
    {"output_dir", "is made for each trial, below the sweep's own output_dir"},
    {"task.folds", "is set by the sweep's own key `folds`"},
    {"task.fold", "is set by the sweep's own key `folds`"}};

/// What the message says of such a key; null for any other.
const char* own_key(const std::string& key) {
  for (const auto& [name, text] : kSetByTheSweep) {
    if (key == name) return text;
  }
  return nullptr;
}

bool is_section(const std::string& key) {
  const std::vector<std::string>& keys = sweepable_keys();
  return std::any_of(keys.begin(), keys.end(), [&](const std::string& known) { return known.starts_with(key + "."); });
}

std::string last_part(const std::string& key) { return key.substr(key.rfind('.') + 1); }

std::string suggestion(const std::string& key) {
  if (std::string hint = foreign_key_hint(key); !hint.empty()) return hint;
  constexpr std::size_t kMost = 3;
  std::vector<std::string> same;
  for (const std::string& known : sweepable_keys()) {
    if (last_part(known) == last_part(key)) same.push_back(known);
  }
  if (same.empty() || same.size() > kMost) return did_you_mean(key, sweepable_keys());
  return did_you_mean_one_of(same);
}

/// The first key of a section, as an example.
std::string key_inside(const std::string& section) {
  const std::vector<std::string>& keys = sweepable_keys();
  return *std::find_if(keys.begin(), keys.end(),
                       [&](const std::string& known) { return known.starts_with(section + "."); });
}

std::map<std::string, std::string> shortest_ends() {
  std::map<std::string, int> uses;
  const auto ends_of = [](const std::string& key) {
    std::vector<std::string> ends = {key};
    for (std::size_t dot = key.rfind('.'); dot != std::string::npos && dot > 0; dot = key.rfind('.', dot - 1))
      ends.insert(ends.end() - 1, key.substr(dot + 1));
    return ends;  // the shortest first
  };
  for (const std::string& key : sweepable_keys()) {
    for (const std::string& end : ends_of(key)) ++uses[end];
  }
  std::map<std::string, std::string> shortest;
  for (const std::string& key : sweepable_keys()) {
    const std::vector<std::string> ends = ends_of(key);
    shortest[key] = *std::find_if(ends.begin(), ends.end(), [&](const std::string& end) { return uses[end] == 1; });
  }
  return shortest;
}

void add_properties(const OrderedJson& schema, const std::string& prefix, OrderedJson (*wrap)(OrderedJson),
                    OrderedJson& properties) {
  for (const auto& [name, below] : schema.at("properties").items()) {
    const std::string key = prefix + name;
    if (below.contains("properties")) {
      add_properties(below, key + ".", wrap, properties);
    } else if (own_key(key) == nullptr && key != "extends") {
      OrderedJson plain = below;
      plain.erase("default");
      properties[key] = wrap(std::move(plain));
    }
  }
}

}  // namespace

const std::vector<std::string>& sweepable_keys() {
  static const std::vector<std::string> kKeys = [] {
    const std::vector<std::string> all = run_config_keys();
    std::vector<std::string> keys;
    for (const std::string& key : all) {
      const bool section =
          std::any_of(all.begin(), all.end(), [&](const std::string& other) { return other.starts_with(key + "."); });
      if (!section && own_key(key) == nullptr) keys.push_back(key);
    }
    return keys;
  }();
  return kKeys;
}

bool check_sweepable(const Entry& entry, Problems& problems) {
  const std::vector<std::string>& keys = sweepable_keys();
  if (std::find(keys.begin(), keys.end(), entry.key) != keys.end()) return true;
  const std::string shown = entry.key.size() > 80 ? entry.key.substr(0, 80) + "..." : entry.key;
  std::string text = "unknown key" + suggestion(entry.key);
  if (const char* own = own_key(entry.key)) text = own;
  if (is_section(entry.key)) text = cat("is a section; name a key in it, such as ", key_inside(entry.key));
  problems.push_back({entry.where, shown, text});
  return false;
}

const std::string& short_key(const std::string& key) {
  static const std::map<std::string, std::string> kShortest = shortest_ends();
  return kShortest.at(key);
}

OrderedJson sweepable_properties(OrderedJson (*wrap)(OrderedJson)) {
  OrderedJson properties = OrderedJson::object();
  add_properties(OrderedJson::parse(run_config_schema()), "", wrap, properties);
  return properties;
}

}  // namespace hiddenkey
