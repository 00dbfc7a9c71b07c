#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "io/safetensors.h"

namespace hiddenkey {

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
  std::string data_checksum;
};

/// The tensors of a checkpoint: what is trained, the optimizer's state, the sums since the last logged line.
struct CheckpointTensors {
  TensorList trained;
  TensorList optimizer;
};

/// Writes `folder`/step-NNNNNN whole or not at all: files first, MANIFEST with their checksums last, then the name.
/// Keeps the newest `keep` checkpoints.
void write_checkpoint(const std::filesystem::path& folder, const RunState& state, const CheckpointTensors& tensors,
                      int64_t keep);

/// The newest checkpoint that is whole; older ones are tried where its checksums do not fit, with a warning. Nothing
/// where there is none.
struct FoundCheckpoint {
  std::filesystem::path path;
  RunState state;
  std::unordered_map<std::string, at::Tensor> trained, optimizer;
};
std::optional<FoundCheckpoint> find_checkpoint(const std::filesystem::path& folder);

}  // namespace hiddenkey
