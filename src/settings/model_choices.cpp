#include "settings/model_choices.h"

#include "core/log.h"
#include "core/text.h"
#include "model/families/family.h"

namespace hiddenkey {

void choose_targets(LoraConfig& config, const Architecture& architecture) {
  if (config.target_regex || !config.target_modules.empty()) return;
  const std::span<const char* const> targets = architecture.family->lora_targets;
  config.target_modules.assign(targets.begin(), targets.end());
}

void limit_length(const Tokenizer& tokenizer, RunConfig& config) {
  const std::optional<int64_t> limit = tokenizer.limit();
  if (!limit || *limit >= config.training.max_length) return;
  log::warning(cat("training.max_length: ", config.training.max_length, " is more than the ", *limit,
                   " tokens that the tokenizer gives a text (model_max_length); it is taken as ", *limit));
  config.training.max_length = *limit;
}

DropoutPlan plan_for(const RunConfig& config, const Architecture& architecture) {
  DropoutPlan plan = make_plan(config.dropout, architecture.num_layers, architecture.causal);
  plan.lora = config.method == Method::kLora ? config.lora.dropout : 0;
  return plan;
}

}  // namespace hiddenkey
