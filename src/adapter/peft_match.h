#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapter/module_rules.h"
#include "adapter/name_pattern.h"
#include "adapter/peft_config.h"
#include "model/weight_names.h"

namespace hiddenkey {

/// Which modules of a base an adapter of PEFT adapts or replaces, by PEFT's own rules: names that fit no module are
/// passed over. Names of modules are those of Transformers.
class PeftMatch {
 public:
  /// ConfigError where a pattern of the config is no valid regular expression.
  explicit PeftMatch(const PeftConfig& config);

  /// Whether the module is in modules_to_save, itself or by a container around it.
  bool saves(const std::string& module) const;
  /// Whether the module carries an adapter.
  bool targets(const WeightNames::Module& module) const;
  /// The config with the module's own rank and alpha.
  LoraConfig own(const std::string& module) const { return rules_.own(module); }

 private:
  bool excludes(const std::string& module) const;

  const PeftConfig& config_;
  bool all_linear_ = false;
  std::optional<NamePattern> target_, exclude_;
  std::vector<NamePattern> saved_;
  ModuleRules rules_;
};

}  // namespace hiddenkey
