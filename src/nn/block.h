#pragma once

#include <ATen/ATen.h>

#include "nn/architecture.h"
#include "nn/attention.h"
#include "nn/linear.h"

/// B sequences, N packed rows, D model, F feed-forward.
namespace hiddenkey {

struct LayerNorm {
  at::Tensor weight_D;
  at::Tensor bias_D;
  double epsilon = 1e-12;

  at::Tensor forward(const at::Tensor& x_ND) const;
};

at::Tensor activate(const at::Tensor& x, Activation activation);

/// What a block computes of its input before its first dropout site: two passes share it.
struct Projected {
  at::Tensor x_ND;    ///< the block's input, at the rows that are asked for: [N,D] or [B,D]
  at::Tensor q_MD;    ///< queries of the first rows; undefined where qkv holds them
  at::Tensor qkv_NW;  ///< see nn/attention.h
};

/// One transformer block. Families differ by what is in the Architecture and the weights, never by code.
struct Block {
  AttentionShape shape;
  Activation activation = Activation::kGelu;
  Linear qkv;     ///< query, key, value
  Linear output;  ///< of attention
  Linear up;
  Linear down;
  LayerNorm attention_norm;
  LayerNorm mlp_norm;

  /// With Rows::kFirst only the first token of each sequence is computed beyond keys and values.
  Projected project(const at::Tensor& x_ND, const DropoutScope& scope, const PackedLayout& layout, int64_t layer,
                    Rows rows) const;
  /// -> [N,D], or [B,D] for Rows::kFirst. `queries` is `layout`, or its first rows.
  at::Tensor attend(const Projected& in, const DropoutScope& scope, const PackedLayout& queries,
                    const PackedLayout& layout, int64_t layer, Rows rows) const;
};

}  // namespace hiddenkey
