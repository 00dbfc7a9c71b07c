#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "train/build.h"
#include "train/saved_task.h"

namespace hiddenkey {

/// What the command line says about a trained model, where its own files do not.
struct LoadRequest {
  std::filesystem::path path;  ///< a run, an adapter (ours or PEFT's), or a model folder with a head
  std::string model;           ///< another place of the base
  std::string task;            ///< name of the task
  std::vector<std::string> text_columns;
  std::vector<std::string> labels;
  std::vector<std::string> overrides;  ///< key=value of the config
  bool any_base = false;               ///< take a base whose weights differ from those trained on
};

/// A trained model, ready to be evaluated, used or merged.
struct LoadedRun {
  RunConfig config;
  TaskInfo task;
  at::Device device = at::kCPU;
  std::unique_ptr<Tokenizer> tokenizer;
  std::unique_ptr<Model> model;
  std::optional<AdapterFile> adapter;
};

/// ModelError where the path holds nothing of this kind, or base and adapter do not fit; ConfigError where the base or
/// the task is not known and has to be given.
LoadedRun load_run(const LoadRequest& request);

/// A language model to generate with: a bare model's folder, or a run or an adapter of one; of the request what names
/// the model and its base. ModelError as above, and where the model is an encoder.
LoadedRun load_language_model(const LoadRequest& request);

/// As load_run, in float32, but an adapter of PEFT's that has no head and stands on a decoder is taken for one of a
/// language model, which needs no task.
LoadedRun load_to_merge(LoadRequest request);

}  // namespace hiddenkey
