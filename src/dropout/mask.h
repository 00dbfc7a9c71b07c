#pragma once

#include <ATen/ATen.h>

#include "dropout/draw.h"
#include "kernels/attention.h"

/// B sequences, N packed rows of all passes, P of them that the head reads, T/S query/key positions, H heads, D width.
namespace hiddenkey {

/// Which keys a site of attention keeps: bool [H,N] for columns and spans (shared by all queries of a head), bool
/// [B,H,T,S] for elements. Every query keeps at least one key that it may attend to (method: the first token in an
/// encoder, its own position in a causal model or where there is a reach). For [H,N] the last two are attention's to
/// see to: such a mask is a pure draw.
at::Tensor attention_keep(const DropoutScope& scope, const Site& site, Position position, int64_t layer,
                          const AttentionShape& shape);

/// Which rows of a packed matrix x holds.
enum class Rows {
  kAll,     ///< x is [N,D]
  kPicked,  ///< x is [P,D]: the rows that the head reads
};

/// x with its dropped units zero and the others divided by 1 - rate. An element's mask does not depend on `rows`.
/// `position` is a Position, or Position::kLoraInput plus the number of an adapter.
at::Tensor drop_units(const at::Tensor& x, const DropoutScope& scope, const Site& site, uint32_t position,
                      int64_t layer, Rows rows);

}  // namespace hiddenkey
