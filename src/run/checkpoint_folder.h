#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "io/safetensors.h"
#include "run/saved_task.h"

namespace hiddenkey {

/// Checksums of all that decides what a run computes, by name: its config, its base, its tokenizer and its data.
using RunIdentity = std::map<std::string, std::string>;

/// Where a run stands, beside its tensors. Masks and data order are functions of the step and need no state of their
/// own.
struct RunState {
  int64_t step = 0;            ///< updates done
  int64_t logged_step = 0;     ///< of the last line of metrics.jsonl
  int64_t evaluated_step = 0;  ///< of the last evaluation
  int64_t measured_step = 0;   ///< of the last generation of text
  int64_t metrics_size = 0;    ///< bytes of metrics.jsonl
  std::optional<double> best_metric;
  int64_t best_step = 0;
  int64_t evaluations_without_best = 0;
  int64_t tokens = 0;  ///< trained on so far
  double seconds = 0;
  int64_t interval_tokens = 0;        ///< those of `tokens` that stand in no line of metrics.jsonl yet
  int64_t interval_label_tokens = 0;  ///< of which are in the loss
  double interval_seconds = 0;        ///< those of `seconds` likewise
  int64_t micro_batch_size = 0;       ///< examples at a time; 0 where the checkpoint tells none
  RunIdentity identity;
};

/// The tensors of a checkpoint: what is trained, the optimizer's state, the sums since the last logged line.
struct CheckpointTensors {
  TensorList trained;
  TensorList optimizer;
};

/// The newest checkpoint that is whole; older ones are tried where its checksums do not fit, with a warning. Nothing
/// where there is none.
struct FoundCheckpoint {
  std::filesystem::path path;
  RunState state;
  std::unordered_map<std::string, at::Tensor> trained, optimizer;
};
std::optional<FoundCheckpoint> find_checkpoint(const std::filesystem::path& folder);

/// The files of a checkpoint in its folder; none where the folder is no checkpoint of ours.
std::vector<std::string> checkpoint_files(const std::filesystem::path& folder);

/// The checkpoints that a run writes.
class CheckpointFolder {
 public:
  CheckpointFolder(std::filesystem::path folder, int64_t keep) : folder_(std::move(folder)), keep_(keep) {}

  /// Writes step-NNNNNN whole or not at all: files first, MANIFEST with their checksums last, then the name. Keeps this
  /// one and the newest before it, `keep` in all, and the best one. Damaged ones do not count and stay, as do those
  /// of later steps and folders that are no checkpoints.
  void write(const RunState& state, const CheckpointTensors& tensors, const SavedTask& task);

  /// Puts a file BEST into the checkpoint of that step, if there is one, and takes it out of the others.
  void mark_best(int64_t step, const std::string& text) const;

 private:
  bool is_whole(const std::filesystem::path& checkpoint);
  void remove_old(const RunState& state);

  std::filesystem::path folder_;
  int64_t keep_;
  std::map<std::filesystem::path, bool> whole_;  ///< what is known already
};

}  // namespace hiddenkey
