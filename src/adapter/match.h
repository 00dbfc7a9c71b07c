#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "adapter/lora_config.h"
#include "model/weight_names.h"

namespace hiddenkey {

/// The modules that carry an adapter, in the model's order, and how many each name of the config found.
struct Targets {
  std::vector<WeightNames::Module> modules;
  std::vector<std::pair<std::string, int64_t>> counts;
};

/// PEFT's rules: a name matches a module of that full name or, in one of the layers to transform, one that ends in
/// "." + name; a regex matches full names; "all-linear" is every linear layer of the base; modules that are saved whole
/// carry no adapter. ConfigError where a name matches nothing (with near names) or a module that is no linear layer,
/// where a layer or a pattern decides nothing, and where PEFT's file could not hold what is asked for.
Targets match_targets(const LoraConfig& config, const WeightNames& names);

/// The modules that are trained and saved whole: the task head, and what `modules_to_save` names (by suffix, as PEFT
/// does; a name may be a container such as "pooler"). ConfigError where a name matches nothing.
std::vector<WeightNames::Module> match_saved(const std::vector<std::string>& modules_to_save, const WeightNames& names);

}  // namespace hiddenkey
