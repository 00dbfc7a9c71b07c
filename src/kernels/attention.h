#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "kernels/packed_layout.h"

/// N packed rows, B sequences, T/S query/key positions, H heads, G heads of keys and values, K head size.
namespace hiddenkey {

struct AttentionShape {
  int64_t heads = 0;      ///< H
  int64_t kv_heads = 0;   ///< G, divides H: H/G neighbouring heads share a key and a value
  int64_t head_size = 0;  ///< K
  bool causal = false;
  int64_t reach = 0;  ///< how many positions away the farthest key is that a query sees, on either side; 0: every key

  /// The position of the first of T queries of a sequence of S keys: a causal model's queries are its last positions,
  /// an encoder's its first.
  int64_t first_query(int64_t queries, int64_t keys) const { return causal ? keys - queries : 0; }
};

/// What is dropped inside attention (method: logits, weights, the checkpoint's own). A mask is bool, true where kept:
/// [H,N] for masks that all queries of a head share, [B,H,T,S] for elements. Undefined: the site is off. A mask of all
/// queries leaves a causal query its own key; where there is a reach, any draw that leaves a query nothing within it
/// leaves it its own key.
struct AttentionDropout {
  at::Tensor logits_keep;
  at::Tensor weights_keep;         ///< renormalised; no gradient through the denominator (DropAttention)
  bool grad_through_norm = false;  ///< let the gradient through it: the weights' draw then acts as DropKey's does
  at::Tensor weights_scale;        ///< [B,H,T,S], multiplies the weights (inverted dropout)
};

/// softmax(q k^T / sqrt(K)) v within each sequence -> [M,H*K].
/// The last 2*G*K columns of qkv_NW hold the keys and the values; the queries are its first H*K columns, or q_MD where
/// that is defined. `queries` says how the M query rows belong to the sequences of `keys`: all rows, or the first of
/// each. A query that the logits' and the weights' draws together leave nothing ignores the weights' draw.
at::Tensor attention(const at::Tensor& q_MD, const at::Tensor& qkv_NW, const AttentionShape& shape,
                     const PackedLayout& queries, const PackedLayout& keys, const AttentionDropout& dropout);

}  // namespace hiddenkey
