#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/generation.h"
#include "eval/text_metrics.h"
#include "generate/generator.h"
#include "lora/adapter_file.h"
#include "lora/inject.h"
#include "model/hub_config.h"
#include "model/network.h"
#include "train/run_config.h"
#include "train/step.h"

// The one place that knows every concrete part and puts them together.

namespace hiddenkey {

/// A pretrained model on its device.
struct Model {
  std::filesystem::path folder;  ///< or GGUF file
  HubConfig hub;
  WeightNames names;
  Network network;
  std::vector<std::string> initialised;  ///< head modules that the checkpoint lacks
};

/// Of a Hugging Face folder or GGUF file. ModelError as text has it.
Tokenizer load_tokenizer(const std::filesystem::path& model);

/// Lowers training.max_length to the tokenizer's model_max_length, with a warning, as Transformers' examples do.
void limit_length(const Tokenizer& tokenizer, RunConfig& config);

/// With the head that the task wants. ModelError as io, model and its readers have it.
std::unique_ptr<Model> load_model(const std::filesystem::path& folder, BaseType type, const TaskInfo& task,
                                  uint64_t seed, at::Device device);

/// How text is made by a model: as its folder says, with the config's keys and then the flags on top.
struct GenerationSetup {
  GenerationOptions options;
  TokenIds end_ids;                 ///< end a text
  std::optional<int32_t> begin_id;  ///< what an empty prompt begins with
  std::string taken;                ///< one line about what the folder decides; empty where that is nothing
};

/// Everything that a training run needs.
struct Job {
  RunConfig config;
  TaskInfo task;
  at::Device device = at::kCPU;
  std::unique_ptr<Tokenizer> tokenizer;
  std::unique_ptr<Model> model;
  Trained trained;
  std::vector<std::string> no_decay;  ///< biases and norms in full finetuning
  DropoutPlan plan;
  Objective objective;
  Dataset train;
  std::vector<Dataset> evaluation;      ///< dev splits with labels; the first chooses the best
  std::vector<GenerationItem> prompts;  ///< of dev, for which text is made; empty where none is
  GenerationSetup generation;           ///< how it is made
};

/// Reads data and model, injects the adapters, and says what it finds.
Job build_job(const RunConfig& config);

/// One line for each thing a user should know before the first step: data, parameters, targets, dropout sites.
void describe_job(const Job& job);

/// `trained` where the texts that the model was trained on end with the tokenizer's end token, which then ends a text
/// even if the folder names no end token. ModelError as read_generation_config, ConfigError as apply_settings.
GenerationSetup generation_setup(const RunConfig& config, const std::filesystem::path& model,
                                 const Tokenizer& tokenizer, bool trained, const SearchSettings& flags = {});

/// How a run's text is measured; a signal to stop ends it.
TextEvaluationOptions text_options(const RunConfig& config);

/// The prompts of a split, as many as generation.limit says.
std::vector<GenerationItem> load_prompts(const RunConfig& config, const std::string& split);

}  // namespace hiddenkey
