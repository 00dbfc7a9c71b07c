#pragma once

#include "kernels/attention.h"

namespace hiddenkey::cuda {

/// Whether LibTorch's memory-efficient kernel takes this attention: on a GPU, in any type but float64, with every
/// dropout that only hides keys.
bool efficient_fits(const at::Tensor& qkv_NW, const AttentionShape& shape, const AttentionDropout& dropout);

/// As attention(). It repeats bit for bit on one model of GPU.
at::Tensor efficient_attention(const at::Tensor& q_MD, const at::Tensor& qkv_NW, const AttentionShape& shape,
                               const PackedLayout& queries, const PackedLayout& keys, const AttentionDropout& dropout);

}  // namespace hiddenkey::cuda
