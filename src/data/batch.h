#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/dataset.h"

namespace hiddenkey {

/// B sequences as N rows without padding, on the host. Sequence b is rows offsets[b] .. offsets[b+1]-1.
struct PackedBatch {
  std::vector<int64_t> ids;                      ///< [N]
  std::vector<int64_t> type_ids;                 ///< [N]
  std::vector<int64_t> offsets;                  ///< [B+1]
  std::vector<double> labels;                    ///< [B] class index or score; empty where the split has none
  std::vector<std::vector<int32_t>> label_sets;  ///< [B] of multi-label classification: the classes that apply
  /// [P] the rows that carry a target: of generation those whose next token is in the loss, of token classification
  /// each word's first.
  std::vector<int64_t> labelled;
  std::vector<int64_t> targets;  ///< [P] that token, or the word's tag; empty where the split has no tags
  std::vector<int64_t> rows_of;  ///< [B] how many of `labelled` each sequence has

  int64_t sequences() const { return static_cast<int64_t>(offsets.size()) - 1; }
  int64_t tokens() const { return offsets.back(); }
  /// What the loss is a mean over: labelled tokens where there are some, else examples.
  int64_t loss_units() const { return targets.empty() ? sequences() : static_cast<int64_t>(targets.size()); }
};

/// PackedBatch::loss_units() of these examples.
int64_t loss_units(const Dataset& dataset, std::span<const int64_t> indices);

PackedBatch pack(const Dataset& dataset, std::span<const int64_t> indices);

/// The order of one training epoch, a function of (seed, epoch) alone: batches of dataset indices.
/// With `length_grouping`, a shuffled run of 50 batches' worth is sorted by length before it is cut, and the
/// batches are shuffled again. The last batch may be short.
std::vector<std::vector<int64_t>> epoch_batches(const Dataset& dataset, int64_t batch_size, bool length_grouping,
                                                uint64_t seed, int64_t epoch);

/// Evaluation order: longest first, so that memory peaks at once; every index exactly once.
std::vector<std::vector<int64_t>> evaluation_batches(const Dataset& dataset, int64_t batch_size);

}  // namespace hiddenkey
