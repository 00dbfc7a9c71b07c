#include "adapter/peft_match.h"

#include <algorithm>
#include <cctype>

#include "core/text.h"

namespace hiddenkey {
namespace {

constexpr const char* kFromDot = "(?:.*\\.)?";  // PEFT's patterns begin at a dot

bool is_number(const std::string& part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool is_all_linear(const std::string& text) {
  static const std::string kName = "all-linear";
  return std::equal(text.begin(), text.end(), kName.begin(), kName.end(), [](unsigned char own, unsigned char wanted) {
    return std::tolower(own) == static_cast<int>(wanted);
  });
}

template <class Value>
const Value* first_match(const std::vector<std::pair<NamePattern, Value>>& patterns, const std::string& module) {
  for (const auto& [pattern, value] : patterns) {
    if (pattern.matches(module)) return &value;
  }
  return nullptr;
}

}  // namespace

PeftMatch::PeftMatch(const PeftConfig& config) : config_(config) {
  if (config.lora.target_regex) {
    all_linear_ = is_all_linear(*config.lora.target_regex);
    target_.emplace(*config.lora.target_regex, "target_modules");
  }
  if (config.exclude_regex) exclude_.emplace(*config.exclude_regex, "exclude_modules");
  for (const std::string& name : config.lora.modules_to_save)
    saved_.emplace_back(name, "modules_to_save", kFromDot, "(?:\\..*)?");
  for (const std::string& name : config.layers_pattern) layers_.emplace_back(name, "layers_pattern", kFromDot);
  for (const auto& [key, r] : config.rank_pattern) ranks_.emplace_back(NamePattern(key, "rank_pattern", kFromDot), r);
  for (const auto& [key, alpha] : config.alpha_pattern)
    alphas_.emplace_back(NamePattern(key, "alpha_pattern", kFromDot), alpha);
}

bool PeftMatch::saves(const std::string& module) const {
  // PEFT takes the end of a name here, wherever it begins: "norm" is input_layernorm too.
  for (std::size_t end = module.size(); end != std::string::npos && end > 0; end = module.rfind('.', end - 1)) {
    const std::string container = module.substr(0, end);
    for (const std::string& name : config_.lora.modules_to_save) {
      if (container.ends_with(name)) return true;
    }
  }
  return false;
}

bool PeftMatch::excludes(const std::string& module) const {
  const auto fits = [&](const NamePattern& pattern) { return pattern.matches(module); };
  if (exclude_ && fits(*exclude_)) return true;
  return std::any_of(config_.exclude_modules.begin(), config_.exclude_modules.end(),
                     [&](const std::string& name) { return is_or_ends_in(module, name); }) ||
         std::any_of(saved_.begin(), saved_.end(), fits);
}

/// The layer is the first number in the name that stands behind the list of layers.
bool PeftMatch::is_in_layers(const std::string& module) const {
  if (config_.layers_to_transform.empty()) return true;
  const std::vector<std::string> parts = split(module, '.');
  for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
    if (!is_number(parts[i])) continue;
    const std::string before = join({parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(i)}, ".");
    const bool is_list = layers_.empty() ? i > 1
                                         : std::any_of(layers_.begin(), layers_.end(),
                                                       [&](const NamePattern& p) { return p.matches(before); });
    if (!is_list) continue;
    return std::any_of(config_.layers_to_transform.begin(), config_.layers_to_transform.end(),
                       [&](int64_t layer) { return std::to_string(layer) == parts[i]; });
  }
  return false;
}

bool PeftMatch::targets(const WeightNames::Module& module) const {
  const std::string& name = module.theirs;
  if (excludes(name)) return false;
  if (all_linear_) return module.kind == WeightNames::Kind::kLinear && module.ours != "lm_head";
  if (target_) return target_->matches(name);
  const std::vector<std::string>& wanted = config_.lora.target_modules;
  // A full name counts in whatever layer it is.
  if (std::find(wanted.begin(), wanted.end(), name) != wanted.end()) return true;
  return is_in_layers(name) && std::any_of(wanted.begin(), wanted.end(),
                                           [&](const std::string& suffix) { return name.ends_with("." + suffix); });
}

LoraConfig PeftMatch::own(const std::string& module) const {
  LoraConfig own = config_.lora;
  if (const int64_t* r = first_match(ranks_, module)) own.r = *r;
  if (const double* alpha = first_match(alphas_, module)) own.alpha = *alpha;
  return own;
}

int64_t PeftMatch::rank(const std::string& module) const { return own(module).r; }

double PeftMatch::scaling(const std::string& module) const { return own(module).scaling(); }

}  // namespace hiddenkey
