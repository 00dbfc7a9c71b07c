#pragma once

#include "kernels/attention.h"

namespace hiddenkey::reference {

/// attention() by plain tensor operations on padded sequences: any device, type and dropout.
at::Tensor attention(const at::Tensor& q_MD, const at::Tensor& qkv_NW, const AttentionShape& shape,
                     const PackedLayout& queries, const PackedLayout& keys, const AttentionDropout& dropout);

}  // namespace hiddenkey::reference
