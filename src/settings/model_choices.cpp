#include "settings/model_choices.h"

#include "model/families/family.h"

namespace hiddenkey {

void choose_targets(LoraConfig& config, const Architecture& architecture) {
  if (config.target_regex || !config.target_modules.empty()) return;
  const std::span<const char* const> targets = architecture.family->lora_targets;
  config.target_modules.assign(targets.begin(), targets.end());
}

HeadUse head_use(const TaskInfo& task) {
  if (task.kind == TaskKind::kGeneration) return HeadUse::kLanguage;
  return task.kind == TaskKind::kTokens ? HeadUse::kTokens : HeadUse::kClassify;
}

DropoutPlan plan_for(const RunConfig& config, const Architecture& architecture) {
  DropoutPlan plan = make_plan(config.dropout, architecture.num_layers, architecture.causal);
  plan.lora = config.method == Method::kLora ? config.lora.dropout : 0;
  return plan;
}

}  // namespace hiddenkey
