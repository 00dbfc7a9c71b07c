#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "adapter/adapter_file.h"
#include "run/open_model.h"
#include "run/saved_task.h"
#include "settings/load_request.h"
#include "task/task.h"

namespace hiddenkey {

/// A trained model, ready to be evaluated, used or merged.
struct LoadedRun {
  RunConfig config;
  std::unique_ptr<Task> task;
  at::Device device = at::kCPU;
  std::unique_ptr<Tokenizer> tokenizer;
  std::unique_ptr<Model> model;
  std::optional<AdapterFile> adapter;
  std::optional<std::filesystem::path> checkpoint;  ///< of a full finetuning: where the weights come from
};

/// A run is what find_run_weights takes of it (train/run_weights.h). The task is the saved one, unless another is
/// named; its labels are in the order of the outputs (train/task_labels.h). ModelError where the path holds nothing of
/// this kind, or base, head and task do not fit; ConfigError where the base or the task is not known and has to be
/// given.
LoadedRun load_run(const LoadRequest& request);

/// A language model to generate with: a bare model's folder, or a run or an adapter of one; of the request what names
/// the model and its base. ModelError as above, and where the model is an encoder.
LoadedRun load_language_model(const LoadRequest& request);

/// As load_run, in float32, but an adapter of PEFT's that has no head and stands on a decoder is taken for one of a
/// language model, which needs no task.
LoadedRun load_to_merge(LoadRequest request);

}  // namespace hiddenkey
