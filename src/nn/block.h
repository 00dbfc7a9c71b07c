#pragma once

#include <ATen/ATen.h>

#include <optional>

#include "kernels/attention.h"
#include "nn/activation.h"
#include "nn/architecture.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/rotary.h"

/// N packed rows, P of them that the head reads, D model, F feed-forward.
namespace hiddenkey {

/// What a block computes of its input before its first dropout site: two passes share it.
struct Projected {
  at::Tensor x_ND;    ///< the block's input, at the rows that are asked for: [N,D] or [P,D]
  at::Tensor q_MD;    ///< queries of the first rows; undefined where qkv holds them
  at::Tensor qkv_NW;  ///< see nn/attention.h
};

/// One transformer block. Families differ by what is in the Architecture and the weights, never by code.
struct Block {
  AttentionShape shape;
  Activation activation = Activation::kGelu;
  bool norm_first = false;
  bool gated = false;
  Linear qkv;     ///< query, key, value
  Linear output;  ///< of attention
  Linear up;      ///< gate and up in a gated block
  Linear down;
  std::optional<Norm> attention_norm;  ///< none: attention reads the block's input as it is
  std::optional<Norm> mlp_norm;
  std::optional<Norm> query_norm;  ///< of each head by itself, before it is rotated
  std::optional<Norm> key_norm;

  /// With Rows::kPicked only the picked rows are computed beyond keys and values: an encoder's, which have to be each
  /// sequence's first, from here on; a causal model's, which may be any, behind the attention. `rotation` is of all
  /// rows; null where positions have a table.
  Projected project(const at::Tensor& x_ND, const Rotation* rotation, const PackedLayout& layout,
                    const LayerPass& pass) const;
  /// -> [N,D], or [P,D] for Rows::kPicked. `queries` is `layout`, or its first rows.
  at::Tensor attend(const Projected& in, const PackedLayout& queries, const PackedLayout& layout,
                    const LayerPass& pass) const;
  /// What follows attention: its output layer, the MLP, and what is added to the block's input `x_ND`. `attended_ND`
  /// is attention's result at the same rows.
  at::Tensor complete(const at::Tensor& x_ND, const at::Tensor& attended_ND, const LayerPass& pass) const;

 private:
  /// The first `queries` heads of each row are queries, the next `keys` keys: they are normed and rotated.
  at::Tensor with_positions(const at::Tensor& x_NW, int64_t queries, int64_t keys, const Rotation* rotation) const;
};

}  // namespace hiddenkey
