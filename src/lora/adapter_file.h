#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "lora/inject.h"

namespace hiddenkey {

/// A PEFT adapter folder: adapter_config.json and adapter_model.safetensors.
struct AdapterFile {
  std::filesystem::path folder;
  LoraConfig lora;
  AdapterPatterns patterns;
  std::vector<int64_t> layers_to_transform;  ///< empty: all
  std::string base;                          ///< base_model_name_or_path
  std::unordered_map<std::string, at::Tensor> tensors;

  /// Outputs of the task head in it; 0 where it holds none.
  int64_t head_outputs(const WeightNames& names) const;
};

/// ModelError where a file is missing or malformed, an adapter is no LoRA, or it asks for something that changes its
/// function and is not supported (named).
AdapterFile read_adapter(const std::filesystem::path& folder);

/// Injects and fills the adapters and the modules that are saved whole. ModelError lists tensors that are missing,
/// extra or of another shape (an adapter of another base or rank), and names one that holds NaN or Inf.
Trained load_adapter(Network& network, const WeightNames& names, const AdapterFile& file);

/// Writes the tensors as PEFT would, each file atomically.
void write_adapter(const std::filesystem::path& folder, const LoraConfig& config, const std::string& base,
                   const WeightNames& names, const std::vector<NamedTensor>& tensors);

}  // namespace hiddenkey
