#pragma once

#include <cstdint>

#include "train/job.h"

namespace hiddenkey {

/// What a run will hold at its peak, in bytes: an estimate.
struct MemoryEstimate {
  int64_t held = 0;         ///< by the process (on a GPU: there) once model and data are loaded
  int64_t trained = 0;      ///< gradients of what is trained, and AdamW's two averages
  int64_t activations = 0;  ///< of the longest micro-batch, kept for the backward pass, with what that pass adds
  int64_t total() const { return held + trained + activations; }
};

/// For a job whose model and data are loaded.
MemoryEstimate estimate_memory(const Job& job);

}  // namespace hiddenkey
