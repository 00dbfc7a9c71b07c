#pragma once

#include <ATen/ATen.h>

#include "kernels/attention.h"

/// B sequences, H heads, T/S query/key positions.
namespace hiddenkey {

/// bool, broadcastable to [B,H,T,S]: the keys that a query may attend to after the logits' draw.
at::Tensor visible_keys(const AttentionShape& shape, const PackedLayout& queries, const PackedLayout& keys,
                        const at::Tensor& logits_keep);

/// The weights' draw within the visible keys; a query that would keep none keeps all of them.
at::Tensor kept_weights(const at::Tensor& visible, const AttentionShape& shape, const PackedLayout& queries,
                        const PackedLayout& keys, const at::Tensor& weights_keep);

/// What is added to the logits: 0 for a visible key, -inf for another. `visible` is broadcastable to [B,H,T,S].
at::Tensor bias_of(const at::Tensor& visible, at::ScalarType type);

/// The bias of visible_keys as a GPU's kernel takes it: its rows begin at multiples of 16, and a hidden key's may be
/// -1e30 instead of -inf, which leaves nothing of its weight either. Broadcastable to [B,H,T,S].
/// What does not depend on the draw is made once a batch and kept in `keys`. `type` is float32 or bfloat16.
at::Tensor aligned_bias(const AttentionShape& shape, const PackedLayout& queries, const PackedLayout& keys,
                        const at::Tensor& logits_keep, at::ScalarType type);

/// The same for keys that are hidden by another rule.
at::Tensor aligned_bias_of(const at::Tensor& visible, at::ScalarType type);

}  // namespace hiddenkey
