#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapter/inject.h"
#include "data/dataset.h"
#include "model/load_model.h"
#include "run/generation_setup.h"
#include "settings/run_config.h"
#include "task/task.h"

namespace hiddenkey {

/// Everything that a training run needs.
struct Job {
  RunConfig config;
  std::unique_ptr<Task> task;
  at::Device device = at::kCPU;
  std::unique_ptr<Tokenizer> tokenizer;
  std::unique_ptr<Model> model;
  ModelTexts texts;  ///< of full finetuning: what stands beside the base's weights
  Trained trained;
  std::vector<std::string> no_decay;  ///< biases and norms in full finetuning
  DropoutPlan plan;
  Objective objective;
  Dataset train;
  std::vector<Dataset> evaluation;      ///< dev splits with labels; the first chooses the best
  std::vector<GenerationItem> prompts;  ///< of dev, for which text is made; empty where none is
  GenerationSetup generation;           ///< how it is made
};

/// Reads data and model, whose files are `base`, injects the adapters, and says what it finds.
Job build_job(const RunConfig& config, const ModelFiles& base);

}  // namespace hiddenkey
