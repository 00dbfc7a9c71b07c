#include "adapter/match.h"

#include <algorithm>

#include "adapter/module_rules.h"
#include "adapter/name_pattern.h"
#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

using Module = WeightNames::Module;

/// The last part of each linear module's name, and the last two where it has them: what people write.
std::vector<std::string> usual_names(const WeightNames& names) {
  std::vector<std::string> result;
  for (const Module& module : names.modules()) {
    if (module.kind != WeightNames::Kind::kLinear || !module.in_base) continue;
    const std::vector<std::string> parts = split(module.theirs, '.');
    std::vector<std::string> ends = {parts.back()};
    if (parts.size() > 1) ends.push_back(parts[parts.size() - 2] + "." + parts.back());
    for (const std::string& name : ends) {
      if (std::find(result.begin(), result.end(), name) == result.end()) result.push_back(name);
    }
  }
  for (const WeightNames::Slice& slice : names.slices()) {
    const std::string last = slice.module.theirs.substr(slice.module.theirs.rfind('.') + 1);
    if (std::find(result.begin(), result.end(), last) == result.end()) result.push_back(last);
  }
  return result;
}

[[noreturn]] void fail_unmatched(const std::string& name, const WeightNames& names) {
  const std::vector<std::string> usual = usual_names(names);
  throw ConfigError("lora.target_modules",
                    cat("\"", name, "\" matches no module of the model", did_you_mean(name, usual),
                        "; its linear layers are ", join(usual, ", ")));
}

/// Containers of a module: "a.b.c" is inside of "a.b" and "a".
bool inside(const std::string& module, const std::string& name) {
  for (std::size_t end = module.size(); end != std::string::npos && end > 0; end = module.rfind('.', end - 1)) {
    if (is_or_ends_in(module.substr(0, end), name)) return true;
  }
  return false;
}

void check_linear(const Module& module, const std::string& name) {
  if (module.kind == WeightNames::Kind::kLinear) return;
  throw ConfigError("lora.target_modules", cat("\"", name, "\" matches ", module.theirs, ", which is no linear layer"));
}

Targets match_regex(const std::string& text, const std::vector<Module>& candidates, const WeightNames& names) {
  Targets targets;
  const bool everything = text == "all-linear";
  const NamePattern pattern(text, "lora.target_modules");
  for (const Module& module : candidates) {
    // PEFT leaves the language model's head out.
    if (everything && (module.kind != WeightNames::Kind::kLinear || module.ours == "lm_head")) continue;
    if (!everything && !pattern.matches(module.theirs)) continue;
    check_linear(module, text);
    targets.modules.push_back(module);
  }
  const bool has_whole_modules = !targets.modules.empty();
  // A slice is no module of PEFT's: it is asked for by an expression that fits no module.
  for (const WeightNames::Slice& slice : names.slices()) {
    if (!has_whole_modules && pattern.matches(slice.module.theirs)) targets.modules.push_back(slice.module);
  }
  if (targets.modules.empty()) fail_unmatched(text, names);
  targets.counts.emplace_back(text, static_cast<int64_t>(targets.modules.size()));
  return targets;
}

/// Whether a name of the list finds the module. A full name does in whatever layer it is, as in PEFT.
bool finds(const std::string& name, const Module& module, const ModuleRules& rules) {
  if (module.theirs == name) return true;
  return is_or_ends_in(module.theirs, name) && rules.is_in_layers(module.theirs);
}

/// The parts of fused modules that a list names. A part and its whole would be two adapters on one weight.
void add_slices(const WeightNames& names, const ModuleRules& rules, Targets& targets) {
  for (const WeightNames::Slice& slice : names.slices()) {
    for (auto& [name, count] : targets.counts) {
      if (!finds(name, slice.module, rules)) continue;
      const auto whole = std::find_if(targets.modules.begin(), targets.modules.end(),
                                      [&](const Module& module) { return module.ours == slice.whole; });
      if (whole != targets.modules.end()) {
        throw ConfigError("lora.target_modules", cat("\"", name, "\" is a part of ", whole->theirs,
                                                     ", which is a target itself; name the one or the other"));
      }
      ++count;
      targets.modules.push_back(slice.module);
      break;
    }
  }
}

/// Each of lora.layers_to_transform has to add something.
void check_layers(const LoraConfig& config, const Targets& targets, const WeightNames& names) {
  const auto counts = [&](const Module& module, int64_t layer) {
    const std::vector<std::string>& full = config.target_modules;
    return module.layer == layer && std::find(full.begin(), full.end(), module.theirs) == full.end();
  };
  for (const int64_t layer : config.layers_to_transform) {
    if (std::any_of(targets.modules.begin(), targets.modules.end(),
                    [&](const Module& module) { return counts(module, layer); }))
      continue;
    int64_t last = 0;
    for (const Module& module : names.modules()) last = std::max(last, module.layer);
    throw ConfigError(
        "lora.layers_to_transform",
        cat("layer ", layer, " has none of the targets",
            layer < 0 || layer > last ? cat("; the model's layers are 0 to ", last)
                                      : " (a module that is named in full is one in whatever layer it is)"));
  }
}

Targets match_names(const LoraConfig& config, const std::vector<Module>& candidates, const ModuleRules& rules,
                    const WeightNames& names) {
  Targets targets;
  for (const std::string& name : config.target_modules) targets.counts.emplace_back(name, 0);
  for (const Module& module : candidates) {
    bool matched = false;
    for (auto& [name, count] : targets.counts) {
      if (!finds(name, module, rules)) continue;
      check_linear(module, name);
      ++count;
      matched = true;
    }
    if (matched) targets.modules.push_back(module);
  }
  add_slices(names, rules, targets);
  check_layers(config, targets, names);
  for (const auto& [name, count] : targets.counts) {
    if (count == 0) fail_unmatched(name, names);
  }
  return targets;
}

/// The parts of one fused module become one adapter in PEFT's file, which has one rank and one alpha, and a magnitude
/// for each output of the whole.
void check_slices(const LoraConfig& config, const ModuleRules& rules, const Targets& targets,
                  const WeightNames& names) {
  const WeightNames::Slice* before = nullptr;
  for (const WeightNames::Slice& slice : names.slices()) {
    const bool is_target = std::any_of(targets.modules.begin(), targets.modules.end(),
                                       [&](const Module& module) { return module.ours == slice.module.ours; });
    if (!is_target) continue;
    if (config.use_dora)
      throw ConfigError("lora.use_dora",
                        cat(slice.module.theirs, " is a part of ", names.find(slice.whole + ".weight")->theirs,
                            ", and a magnitude belongs to the whole; make that the target"));
    const WeightNames::Slice* other = before != nullptr && before->whole == slice.whole ? before : nullptr;
    before = &slice;
    if (other == nullptr) continue;
    const LoraConfig own = rules.own(slice.module.theirs), others = rules.own(other->module.theirs);
    if (own.r != others.r || own.alpha != others.alpha)
      throw ConfigError(own.r != others.r ? "lora.rank_pattern" : "lora.alpha_pattern",
                        cat(other->module.theirs, " and ", slice.module.theirs,
                            " are parts of one module, which has one rank and one alpha"));
  }
}

}  // namespace

std::vector<Module> match_saved(const std::vector<std::string>& modules_to_save, const WeightNames& names) {
  std::vector<Module> saved;
  std::vector<std::string> wanted = modules_to_save;
  wanted.insert(wanted.end(), names.head_modules().begin(), names.head_modules().end());
  for (const Module& module : names.modules()) {
    if (std::any_of(wanted.begin(), wanted.end(), [&](const std::string& name) { return inside(module.theirs, name); }))
      saved.push_back(module);
  }
  for (const std::string& name : modules_to_save) {
    // PEFT lists the names of every family's head.
    if (name == "classifier" || name == "score") continue;
    const auto found =
        std::find_if(saved.begin(), saved.end(), [&](const Module& module) { return inside(module.theirs, name); });
    if (found == saved.end())
      throw ConfigError("lora.modules_to_save", cat("\"", name, "\" matches no module of the model"));
    if (found->ours == "embeddings.token" && names.has_tied_head()) {
      throw ConfigError("lora.modules_to_save",
                        cat("\"", name, "\": ", found->theirs,
                            " is the model's head too, which an adapter's file would not say; use method: full"));
    }
    if (names.shares_matrix(*found)) {
      throw ConfigError("lora.modules_to_save",
                        cat("\"", name, "\": ", found->theirs,
                            " stands in one matrix with others and cannot be trained in full beside adapters; use "
                            "method: full, or make it a target"));
    }
  }
  return saved;
}

Targets match_targets(const LoraConfig& config, const WeightNames& names) {
  const std::vector<Module> saved = match_saved(config.modules_to_save, names);
  std::vector<Module> candidates;
  for (const Module& module : names.modules()) {
    const bool whole =
        std::any_of(saved.begin(), saved.end(), [&](const Module& other) { return other.ours == module.ours; });
    if (!whole) candidates.push_back(module);
  }
  const ModuleRules rules = rules_of(config);
  Targets targets = config.target_regex ? match_regex(*config.target_regex, candidates, names)
                                        : match_names(config, candidates, rules, names);
  std::vector<std::string> found;
  for (const Module& module : targets.modules) found.push_back(module.theirs);
  rules.check_use(found);
  check_slices(config, rules, targets, names);
  return targets;
}

}  // namespace hiddenkey
