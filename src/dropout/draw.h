#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "dropout/plan.h"
#include "kernels/keep_masks.h"
#include "kernels/packed_layout.h"

/// N packed rows of all passes, P of them that the head reads, D width.
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

/// Which mask of a layer is meant.
struct MaskAddress {
  Position position = Position::kLogits;
  uint32_t adapter = 0;  ///< the number in its layer of the adapter whose input is dropped

  uint32_t value() const { return static_cast<uint32_t>(position) + adapter; }
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

/// Which rows of a packed matrix x holds.
enum class Rows {
  kAll,     ///< x is [N,D]
  kPicked,  ///< x is [P,D]: the rows that the head reads
};

/// One layer's part of a forward: what it draws from, and for which rows. It lives no longer than its scope.
struct LayerPass {
  const DropoutScope& scope;
  int64_t layer = 0;  ///< part of its masks' addresses
  Rows rows = Rows::kAll;

  /// Null in evaluation.
  const LayerSites* sites() const { return scope.layer(layer); }
  LayerPass of_all_rows() const { return {scope, layer, Rows::kAll}; }
};

}  // namespace hiddenkey
