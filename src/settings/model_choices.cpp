#include "settings/model_choices.h"

#include "model/families/families.h"

namespace hiddenkey {

void choose_targets(LoraConfig& config, const Architecture& architecture) {
  if (config.target_regex || !config.target_modules.empty()) return;
  config.target_modules = find_family(architecture.family)->lora_targets;
}

HeadUse head_use(const TaskInfo& task) {
  return task.kind == TaskKind::kGeneration ? HeadUse::kLanguage : HeadUse::kClassify;
}

DropoutPlan plan_for(const RunConfig& config, const Architecture& architecture) {
  DropoutPlan plan = make_plan(config.dropout, architecture.num_layers, architecture.causal);
  plan.lora = config.method == Method::kLora ? config.lora.dropout : 0;
  return plan;
}

}  // namespace hiddenkey
