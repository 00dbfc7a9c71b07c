#pragma once

#include <ATen/ATen.h>

/// N packed rows, heads, K head size.
namespace hiddenkey {

/// The angles of rotary position embeddings (Su et al., 2021) at each row.
struct Rotation {
  at::Tensor cos_N1K;  ///< [N,1,K/2] float32
  at::Tensor sin_N1K;
};

/// `frequency_K` holds K/2 radians a position, float32; `position_N` counts from 0.
Rotation rotation_at(const at::Tensor& position_N, const at::Tensor& frequency_K);

/// Of some of the rows.
Rotation rows_of(const Rotation& rotation, const at::Tensor& row_P);

/// Turns the first `heads` heads of each row of x_NW, each of size K as two halves (x1, x2), the way Transformers lays
/// them out: (x1 cos - x2 sin, x2 cos + x1 sin). The columns behind them stay.
at::Tensor rotate(const at::Tensor& x_NW, int64_t heads, const Rotation& rotation);

}  // namespace hiddenkey
