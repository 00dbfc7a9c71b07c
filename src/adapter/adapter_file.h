#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapter/inject.h"
#include "adapter/peft_config.h"

namespace hiddenkey {

/// A PEFT adapter folder: adapter_config.json and adapter_model.safetensors (or .bin).
struct AdapterFile : PeftConfig {
  std::filesystem::path folder;
  std::filesystem::path weights;  ///< the file that held them; none: a run's checkpoint
  std::unordered_map<std::string, at::Tensor> tensors;

  /// Outputs of the task head in it; 0 where it holds none.
  int64_t head_outputs(const Architecture& architecture) const;
};

/// Whether there is an adapter in a folder.
bool holds_adapter(const std::filesystem::path& folder);

/// ModelError where a file is missing or malformed, an adapter is no LoRA, or it asks for something that changes its
/// function and is not supported (named).
AdapterFile read_adapter(const std::filesystem::path& folder);

/// Writes what was trained as PEFT would, each file atomically.
void write_adapter(const std::filesystem::path& folder, const LoraConfig& config, const std::string& base,
                   const WeightNames& names, const Trained& trained);

}  // namespace hiddenkey
