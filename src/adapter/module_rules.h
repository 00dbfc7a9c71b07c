#pragma once

#include <string>
#include <utility>
#include <vector>

#include "adapter/lora_config.h"
#include "adapter/name_pattern.h"

namespace hiddenkey {

/// What rank_pattern, alpha_pattern and layers_to_transform say of single modules, by PEFT's rules. Names of modules
/// are those of Transformers.
class ModuleRules {
 public:
  /// `section` stands before the keys in messages ("lora." for a config's own). `layers_pattern` holds names of the
  /// list of layers; where it is empty, any name will do. ConfigError where a pattern is no valid regular expression.
  ModuleRules(LoraConfig config, const std::vector<std::string>& layers_pattern, const std::string& section);

  /// Whether the module is in one of the layers that carry adapters.
  bool is_in_layers(const std::string& module) const;
  /// The config with the module's own rank and alpha.
  LoraConfig own(const std::string& module) const;
  /// ConfigError where a pattern decides for none of the modules.
  void check_use(const std::vector<std::string>& modules) const;

 private:
  LoraConfig config_;
  std::string section_;
  std::vector<NamePattern> layers_;
  std::vector<NamePattern> ranks_, alphas_;
};

/// The rules of a config of one's own.
ModuleRules rules_of(const LoraConfig& config);

}  // namespace hiddenkey
