#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "dropout/plan.h"
#include "kernels/keep_masks.h"
#include "kernels/packed_layout.h"

namespace hiddenkey {

/// Where in the network a mask belongs. The values are part of a mask's address: they never change.
enum class Position : uint32_t {
  kLogits = 0,
  kWeights = 1,
  kHidden = 2,
  kInput = 3,
  kOutput = 4,
  kPretrainedEmbedding = 5,
  kPretrainedWeights = 6,
  kPretrainedAttention = 7,
  kPretrainedFfn = 8,
  kPretrainedHead = 9,
  kPretrainedHeadOutput = 10,
  kLoraInput = 16,  ///< plus the number of the adapter in its layer
};

/// When a mask is drawn.
struct Draw {
  uint64_t seed = 0;
  int64_t step = 0;
  int64_t micro_batch = 0;
  int64_t pass = 0;
};

/// The key of the stream for one mask: a function of these values and of nothing that ran before.
uint64_t mask_key(const Draw& draw, int64_t layer, uint32_t position);

/// What the layers of one forward draw from. `passes` are stacked in the rows, each over the sequences of `layout`;
/// a pass without a draw has dropout off. A scope without a plan is evaluation.
struct DropoutScope {
  const DropoutPlan* plan = nullptr;
  const PackedLayout* layout = nullptr;  ///< of one pass
  std::vector<std::optional<Draw>> passes;

  const LayerSites* layer(int64_t index) const { return plan == nullptr ? nullptr : &plan->layers[index]; }
};

}  // namespace hiddenkey
