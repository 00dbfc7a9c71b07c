#pragma once

#include "kernels/attention.h"

namespace hiddenkey::cuda {

/// Whether LibTorch's flash kernel for packed sequences takes this attention: on a GPU in half precision, without a
/// mask. On the first use on a device the kernel is held against reference::attention; where it differs, it is left
/// alone with a warning.
bool flash_fits(const at::Tensor& qkv_NW, const AttentionShape& shape, const PackedLayout& queries,
                const PackedLayout& keys, const AttentionDropout& dropout);

/// As attention() without dropout. It repeats bit for bit on one model of GPU.
at::Tensor flash_attention(const at::Tensor& q_MD, const at::Tensor& qkv_NW, const AttentionShape& shape,
                           const PackedLayout& queries, const PackedLayout& keys);

}  // namespace hiddenkey::cuda
