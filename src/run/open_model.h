#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "model/hub_config.h"
#include "model/network.h"
#include "model/weight_names.h"
#include "settings/run_config.h"

namespace hiddenkey {

/// A pretrained model on its device.
struct Model {
  std::filesystem::path folder;  ///< or GGUF file
  HubConfig hub;
  WeightNames names;
  Network network;
  std::vector<std::string> initialised;  ///< head modules that the checkpoint lacks
};

/// Reads the tokenizer of a Hugging Face folder or a GGUF file. ModelError as text/tokenizer.h has it.
Tokenizer load_tokenizer(const std::filesystem::path& model);

/// Lowers training.max_length to the tokenizer's model_max_length, with a warning, as Transformers' examples do.
void limit_length(const Tokenizer& tokenizer, RunConfig& config);

/// Reads a model with the head that the task wants. ModelError where a reader of its files finds a fault.
std::unique_ptr<Model> load_model(const std::filesystem::path& folder, BaseType type, const TaskInfo& task,
                                  uint64_t seed, at::Device device);

}  // namespace hiddenkey
