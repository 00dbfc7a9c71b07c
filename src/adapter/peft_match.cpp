#include "adapter/peft_match.h"

#include <algorithm>
#include <cctype>

#include "core/text.h"

namespace hiddenkey {
namespace {

bool is_all_linear(const std::string& text) {
  static const std::string kName = "all-linear";
  return std::equal(text.begin(), text.end(), kName.begin(), kName.end(), [](unsigned char own, unsigned char wanted) {
    return std::tolower(own) == static_cast<int>(wanted);
  });
}

}  // namespace

PeftMatch::PeftMatch(const PeftConfig& config) : config_(config), rules_(config.lora, config.layers_pattern, "") {
  if (config.lora.target_regex) {
    all_linear_ = is_all_linear(*config.lora.target_regex);
    target_.emplace(*config.lora.target_regex, "target_modules");
  }
  if (config.exclude_regex) exclude_.emplace(*config.exclude_regex, "exclude_modules");
  for (const std::string& name : config.lora.modules_to_save)
    saved_.emplace_back(name, "modules_to_save", kFromDot, "(?:\\..*)?");
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

bool PeftMatch::targets(const WeightNames::Module& module) const {
  const std::string& name = module.theirs;
  if (excludes(name)) return false;
  if (all_linear_) return module.kind == WeightNames::Kind::kLinear && module.ours != "lm_head";
  if (target_) return target_->matches(name);
  const std::vector<std::string>& wanted = config_.lora.target_modules;
  // A full name counts in whatever layer it is.
  if (std::find(wanted.begin(), wanted.end(), name) != wanted.end()) return true;
  return rules_.is_in_layers(name) && std::any_of(wanted.begin(), wanted.end(), [&](const std::string& suffix) {
           return name.ends_with("." + suffix);
         });
}

}  // namespace hiddenkey
