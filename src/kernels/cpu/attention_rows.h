#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "kernels/attention.h"

/// Which keys each query of the CPU's attention sees. B sequences, H heads, N packed rows, T/S query/key positions.
namespace hiddenkey::cpu {

/// Neighbouring queries of a sequence and the keys that they reach together, which the kernel visits at once.
struct Band {
  int64_t query, queries;  ///< the first of its queries, and how many there are
  int64_t key, keys;       ///< the first of its keys, and how many there are
  int64_t own;             ///< where among its keys the own key of its first query is
};

/// The band of the queries from `query` on, `most` of them or what is left, in a sequence of `queries` and `keys`.
Band band_of(const AttentionShape& shape, int64_t query, int64_t most, int64_t queries, int64_t keys);

/// A dropout mask as the kernel reads it: one row of S bytes for each (sequence, head, query).
class KeepRows {
 public:
  KeepRows(const at::Tensor& keep, const PackedLayout& keys);
  bool on() const { return data_ != nullptr; }
  bool element() const { return element_; }
  const uint8_t* row(int64_t b, int64_t h, int64_t t) const {
    if (element_) return data_ + ((b * heads_ + h) * longest_ + t) * longest_;
    return data_ + h * keys_.rows() + keys_.offsets[b];
  }

 private:
  const PackedLayout& keys_;
  const uint8_t* data_ = nullptr;
  bool element_ = false;
  int64_t heads_ = 0, longest_ = 0;
};

/// Both draws with the rules about them (kernels/attention.h), query by query.
class RowMask {
 public:
  RowMask(const AttentionShape& shape, const AttentionDropout& dropout, const PackedLayout& keys);

  /// Fills `seen` (keys after the logits' draw) and `kept` (after the weights' draw too) for query t of the band, a
  /// byte for each key of the band. Where no weights are drawn, `kept` is left as it is.
  void fill(int64_t b, int64_t h, const Band& band, int64_t t, uint8_t* seen, uint8_t* kept) const;
  /// Whether `kept` differs from `seen`.
  bool drops_weights() const { return weights_.on() && !grad_through_norm_; }

 private:
  void draw(const KeepRows& keep, int64_t b, int64_t h, const Band& band, int64_t t, uint8_t* out) const;

  KeepRows logits_, weights_;
  bool causal_, grad_through_norm_;
  int64_t reach_;
};

}  // namespace hiddenkey::cpu
