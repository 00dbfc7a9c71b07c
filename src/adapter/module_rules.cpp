#include "adapter/module_rules.h"

#include <algorithm>
#include <cctype>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

bool is_number(const std::string& part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// The place of the first pattern that matches; their number where none does.
std::size_t first_match(const std::vector<NamePattern>& patterns, const std::string& module) {
  const auto found = std::find_if(patterns.begin(), patterns.end(),
                                  [&](const NamePattern& pattern) { return pattern.matches(module); });
  return static_cast<std::size_t>(found - patterns.begin());
}

template <class T>
std::vector<NamePattern> compiled(const ModulePatterns<T>& patterns, const std::string& key) {
  std::vector<NamePattern> result;
  for (const auto& [text, value] : patterns) result.emplace_back(text, key, kFromDot);
  return result;
}

template <class T>
void check_each_decides(const ModulePatterns<T>& texts, const std::vector<NamePattern>& patterns,
                        const std::string& key, const std::vector<std::string>& modules) {
  std::vector<bool> decides(patterns.size() + 1);
  for (const std::string& module : modules) decides[first_match(patterns, module)] = true;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (!decides[i])
      throw ConfigError(key,
                        cat("\"", texts[i].first,
                            "\" decides for none of the targets: it fits none, or an earlier pattern fits them all"));
  }
}

}  // namespace

ModuleRules::ModuleRules(LoraConfig config, const std::vector<std::string>& layers_pattern, const std::string& section)
    : config_(std::move(config)),
      section_(section),
      ranks_(compiled(config_.rank_pattern, section + "rank_pattern")),
      alphas_(compiled(config_.alpha_pattern, section + "alpha_pattern")) {
  for (const std::string& name : layers_pattern) layers_.emplace_back(name, section + "layers_pattern", kFromDot);
}

/// The layer is the first number in the name that stands behind the list of layers.
bool ModuleRules::is_in_layers(const std::string& module) const {
  const std::vector<int64_t>& wanted = config_.layers_to_transform;
  if (wanted.empty()) return true;
  const std::vector<std::string> parts = split(module, '.');
  for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
    if (!is_number(parts[i])) continue;
    const std::string before = join({parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(i)}, ".");
    const bool is_list = layers_.empty() ? i > 1
                                         : std::any_of(layers_.begin(), layers_.end(),
                                                       [&](const NamePattern& name) { return name.matches(before); });
    if (!is_list) continue;
    return std::any_of(wanted.begin(), wanted.end(), [&](int64_t layer) { return std::to_string(layer) == parts[i]; });
  }
  return false;
}

LoraConfig ModuleRules::own(const std::string& module) const {
  LoraConfig own = config_;
  if (const std::size_t i = first_match(ranks_, module); i < ranks_.size()) own.r = config_.rank_pattern[i].second;
  if (const std::size_t i = first_match(alphas_, module); i < alphas_.size())
    own.alpha = config_.alpha_pattern[i].second;
  return own;
}

ModuleRules rules_of(const LoraConfig& config) { return {config, {}, "lora."}; }

void ModuleRules::check_use(const std::vector<std::string>& modules) const {
  check_each_decides(config_.rank_pattern, ranks_, section_ + "rank_pattern", modules);
  check_each_decides(config_.alpha_pattern, alphas_, section_ + "alpha_pattern", modules);
}

}  // namespace hiddenkey
