#pragma once

#include <vector>

#include "adapter/inject.h"

namespace hiddenkey {

/// A LoRA config with what carries its terms.
struct PeftAdapter {
  LoraConfig lora;
  std::vector<Adapted> adapted;
};

/// PEFT cannot adapt a part of a fused module, as loralib adapts query and value of GPT-2's c_attn. The same function
/// is one adapter over the whole module: its A stacks the parts' A, its B holds theirs as blocks with zero rows
/// elsewhere, and its rank and alpha are those of one part times the number of parts (alpha times its root with
/// use_rslora). Terms of other modules, and a config without parts, come back as they are.
PeftAdapter fuse_slices(const LoraConfig& config, const WeightNames& names, const std::vector<Adapted>& adapted);

}  // namespace hiddenkey
