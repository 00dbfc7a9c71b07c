#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapter/adapter_file.h"
#include "settings/run_config.h"

namespace hiddenkey {

/// Where the weights are of what a person names: a run, one of its checkpoints, an adapter or a model.
struct RunWeights {
  std::filesystem::path folder;       ///< with adapter_config.json, config.json or a checkpoint's files
  std::filesystem::path task_folder;  ///< with hiddenkey.json, if there is one
  std::optional<std::filesystem::path> run_config;
  bool is_checkpoint = false;
};

/// Of a run its adapter/ or model/; of one that has saved neither its newest whole checkpoint, which a line says.
/// checkpoints/best is the checkpoint that the run has marked as its best. ModelError where there is nothing of this
/// kind.
RunWeights find_run_weights(const std::filesystem::path& path);

/// The finished checkpoints in a run's folder checkpoints/, newest first. The best one holds a file BEST.
std::vector<std::filesystem::path> checkpoints_of(const std::filesystem::path& folder);

/// Whether the run has marked the checkpoint as its best.
bool is_best(const std::filesystem::path& checkpoint);

using NamedTensors = std::unordered_map<std::string, at::Tensor>;

/// What a checkpoint has trained: under PEFT's names for method: lora, under ours for method: full. ModelError where
/// its files do not fit its checksums.
NamedTensors read_checkpoint_weights(const std::filesystem::path& checkpoint);

/// A LoRA run's checkpoint as PEFT would have its adapter; `config` is the run's.
AdapterFile adapter_of_checkpoint(const std::filesystem::path& checkpoint, const LoraConfig& config);

}  // namespace hiddenkey
