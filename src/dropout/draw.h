#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "dropout/plan.h"
#include "dropout/positions.h"
#include "kernels/keep_masks.h"
#include "kernels/packed_layout.h"

/// N packed rows of all passes, P of them that the head reads, D width.
namespace hiddenkey {

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

  const LayerPlan* layer(int64_t index) const { return plan == nullptr ? nullptr : &plan->layers[index]; }
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
  const LayerPlan* plan() const { return scope.layer(layer); }
  LayerPass of_all_rows() const { return {scope, layer, Rows::kAll}; }
};

}  // namespace hiddenkey
