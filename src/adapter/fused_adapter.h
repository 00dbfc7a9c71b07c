#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapter/inject.h"

namespace hiddenkey {

/// Ranks and alphas of single modules, under PEFT's names.
struct AdapterPatterns {
  std::map<std::string, int64_t> rank_pattern;
  std::map<std::string, double> alpha_pattern;
};

/// Adapters as PEFT has them.
struct PeftAdapter {
  LoraConfig lora;
  AdapterPatterns patterns;
  std::vector<NamedTensor> tensors;
};

/// PEFT cannot adapt a part of a fused module, as loralib adapts query and value of GPT-2's c_attn. The same function
/// is one adapter over the whole module: its A stacks the parts' A, its B holds theirs as blocks with zero rows
/// elsewhere, and its rank and alpha are those of one part times the number of parts (alpha times its root with
/// use_rslora). Tensors of other modules, and a config without parts, come back as they are.
PeftAdapter fuse_slices(const LoraConfig& config, const WeightNames& names, const std::vector<NamedTensor>& tensors);

}  // namespace hiddenkey
