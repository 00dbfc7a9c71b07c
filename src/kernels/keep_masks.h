#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/mask_key.h"

/// The masks of dropout. Every device draws the same bits, those of kernels/philox.h: a CUDA device by the kernels of
/// kernels/cuda, which `HIDDENKEY_KERNELS=off` turns off. Where they are off, a CUDA device draws from its own
/// generator, seeded with the key, and its masks are others than the CPU's. On the `meta` device results have a shape
/// alone.
///
/// N packed rows, B sequences, R draws, H heads, P rows that are picked, W width.
namespace hiddenkey {

/// bool of `sizes`: true with probability 1 - rate. `rate` is in [0, 1).
at::Tensor draw_keep(const MaskKey& key, at::IntArrayRef sizes, double rate, at::Device device);

/// float32 of `sizes`, uniform in [0, 1).
at::Tensor draw_uniform(const MaskKey& key, at::IntArrayRef sizes, at::Device device);

/// Where the sequences of a packed batch are: int64, contiguous, all on one device.
struct PackedSequences {
  at::Tensor sequence_N;  ///< the sequence of each row
  at::Tensor position_N;  ///< the place of each row in its sequence, from 0
  at::Tensor first_B;     ///< the row of each sequence's first token
  at::Tensor length_B;    ///< how many rows each sequence has, at least 1
};

/// bool [R,N]: false on one run of round(rate * length) rows, at least one, in each sequence of each of R draws. The
/// run's place is drawn with number r * B + b of the stream.
at::Tensor draw_span_keep(const MaskKey& key, int64_t draws, double rate, const PackedSequences& sequences);

/// Gives each (head, sequence) of keep_HN (bool, contiguous, changed in place) that lost all its rows the first one
/// back.
void keep_first_where_all_lost(at::Tensor& keep_HN, const PackedSequences& sequences);

/// How the units of a matrix are dropped that stacks passes in its rows.
struct UnitMask {
  std::vector<std::optional<MaskKey>> passes;  ///< no key: dropout is off in that pass, which is copied
  at::Tensor row_P;  ///< int64: which row of the pass's packed matrix each row is; undefined: the same
  int64_t rows = 0;  ///< of the packed matrix of one pass
  double rate = 0;
};

/// Whether scale_kept draws for this matrix while it scales: float32 on the CPU, also bfloat16 on a CUDA device.
bool scales_while_drawing(const at::Tensor& in);

/// `in` [passes * P, W], contiguous, with its dropped units 0 and the others divided by 1 - rate; unit w of a packed
/// row n has number n * W + w of its pass's stream. It is no part of a tape. Error (a bug) unless
/// scales_while_drawing(in).
at::Tensor scale_kept(const at::Tensor& in, const UnitMask& mask);

}  // namespace hiddenkey
