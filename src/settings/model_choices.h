#pragma once

#include "adapter/lora_config.h"
#include "data/dataset.h"
#include "dropout/plan.h"
#include "nn/architecture.h"
#include "settings/run_config.h"

// What a config leaves to the model that it meets.

namespace hiddenkey {

/// Puts the family's usual names in the place of lora.target_modules: auto.
void choose_targets(LoraConfig& config, const Architecture& architecture);

/// What a task makes of a pretrained model.
HeadUse head_use(const TaskInfo& task);

/// The dropout plan of a config for a model.
DropoutPlan plan_for(const RunConfig& config, const Architecture& architecture);

}  // namespace hiddenkey
