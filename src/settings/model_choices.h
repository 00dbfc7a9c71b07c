#pragma once

#include "adapter/lora_config.h"
#include "dropout/plan.h"
#include "nn/architecture.h"
#include "settings/run_config.h"
#include "text/tokenizer.h"

// What a config leaves to the model that it meets.

namespace hiddenkey {

/// Puts the family's usual names in the place of lora.target_modules: auto.
void choose_targets(LoraConfig& config, const Architecture& architecture);

/// Lowers training.max_length to the tokenizer's model_max_length, with a warning, as Transformers' examples do.
void limit_length(const Tokenizer& tokenizer, RunConfig& config);

/// The dropout plan of a config for a model.
DropoutPlan plan_for(const RunConfig& config, const Architecture& architecture);

}  // namespace hiddenkey
