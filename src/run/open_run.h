#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "adapter/adapter_file.h"
#include "model/load_model.h"
#include "run/saved_task.h"
#include "settings/load_request.h"
#include "settings/run_config.h"
#include "task/task.h"

namespace hiddenkey {

/// What a run is opened for.
enum class Purpose {
  kMeasure,   ///< its task: to evaluate it, or to predict
  kGenerate,  ///< text: the run, the adapter or the bare model is a language model's
  kMerge,     ///< one model, in float32, with the texts beside its weights
};

/// A trained model, ready to be evaluated, used or merged.
struct LoadedRun {
  RunConfig config;
  std::unique_ptr<Task> task;
  at::Device device = at::kCPU;
  std::unique_ptr<ModelFiles> base;
  std::unique_ptr<Tokenizer> tokenizer;
  std::unique_ptr<Model> model;
  std::optional<AdapterFile> adapter;
  std::optional<std::filesystem::path> checkpoint;  ///< of a full finetuning: where the weights come from
  ModelTexts texts;                                 ///< of a merge: what stands beside the base's weights
};

/// Opens what find_run_weights takes of a path (run/run_weights.h). The task is the saved one, unless another is named;
/// its labels are in the order of the outputs (data/output_labels.h). A run that is opened for its text takes of the
/// request what names the model and its base. An adapter of PEFT's that is merged, has no head and stands on a decoder
/// is taken for one of a language model, which needs no task. ModelError where the path holds nothing of this kind, or
/// base, head and task do not fit; ConfigError where the base or the task is not known and has to be given.
LoadedRun open_run(const LoadRequest& request, Purpose purpose);

}  // namespace hiddenkey
