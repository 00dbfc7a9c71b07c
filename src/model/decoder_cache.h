#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "kernels/decode_attention.h"
#include "kernels/packed_layout.h"

/// B prompts, N packed rows of them, R rows that are generated, S positions, W columns.
namespace hiddenkey {

/// The keys and values that a decoder has computed, for rows of different lengths. Each prompt has `copies` rows that
/// go on from it (its beams or its samples) and share its part. A row writes into a slot of its own and reads through a
/// table of places, so that rows change their order without any key or value being copied.
class DecoderCache {
 public:
  /// copies >= 1.
  explicit DecoderCache(int64_t copies) : copies_(copies) {}

  int64_t rows() const { return static_cast<int64_t>(cached_.lengths.size()); }
  /// Positions of each row, its prompt's included.
  const std::vector<int64_t>& lengths() const { return cached_.lengths; }
  const at::Tensor& length_R() const { return cached_.length_R; }

  /// Row i goes on from what row parents[i] has seen. Both belong to the same prompt.
  void reorder(const std::vector<int64_t>& parents);
  /// Drops the rows that are not named; the others stand in the order given.
  void keep(const std::vector<int64_t>& rows);

  // What the network calls. The last `kv_width` columns of qkv are a row's keys and values.

  /// Makes room for prompts; then each layer stores theirs.
  void begin(const PackedLayout& prompts);
  void store_prompts(const at::Tensor& qkv_NW, int64_t kv_width);
  /// Makes room for one more position of every row; then each layer stores its own.
  void begin_position();
  const at::Tensor& store_position(int64_t layer, const at::Tensor& qkv_RW);
  const CachedRows& cached() const { return cached_; }

 private:
  void grow();

  int64_t copies_;
  int64_t slots_ = 0;              ///< B * copies: places of one position
  int64_t capacity_ = 0;           ///< positions there is room for
  std::vector<at::Tensor> kv_CW_;  ///< of each layer; position s of slot i is row s * slots + i
  at::Tensor prompt_row_N_;        ///< int64, where the prompts' rows go
  at::Tensor slot_R_, new_row_R_;  ///< int64
  CachedRows cached_;
};

}  // namespace hiddenkey
