#pragma once

#include <ATen/ATen.h>

#include "dropout/draw.h"

/// B sequences, N packed rows of all passes, P of them that the head reads, T/S query/key positions, H heads, D width.
namespace hiddenkey {

/// Which keys a site of attention keeps: bool [H,N] for columns and spans (shared by all queries of a head), bool
/// [B,H,T,S] for elements. Every query keeps at least one key that it may attend to (method: the first token without a
/// causal mask, its own position with one; for [H,N] in causal attention the caller always shows a query its own key).
at::Tensor attention_keep(const DropoutScope& scope, const Site& site, Position position, int64_t layer, int64_t heads,
                          bool causal);

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
