#pragma once

#include <cstdint>

#include "nn/architecture.h"
#include "train/run_config.h"

namespace hiddenkey {

/// What a run will hold at its peak, in bytes: weights, what is trained with its gradients and AdamW's averages, and
/// the activations of a full batch at max_length. An estimate from the architecture alone, without the allocator's
/// slack.
struct MemoryEstimate {
  int64_t weights = 0;
  int64_t trained = 0;
  int64_t activations = 0;
  int64_t total() const { return weights + trained + activations; }
};

MemoryEstimate estimate_memory(const RunConfig& config, const Architecture& architecture, int64_t base_parameters,
                               int64_t trained_parameters);

}  // namespace hiddenkey
