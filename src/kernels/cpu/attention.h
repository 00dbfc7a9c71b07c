#pragma once

#include "kernels/attention.h"

namespace hiddenkey::cpu {

/// attention() in float32 on packed rows, fused. Takes everything but weights_scale. Where there is a reach, keys out
/// of it cost nothing: neighbouring queries are held against the keys that they reach together.
at::Tensor attention(const at::Tensor& q_MD, const at::Tensor& qkv_NW, const AttentionShape& shape,
                     const PackedLayout& queries, const PackedLayout& keys, const AttentionDropout& dropout);

}  // namespace hiddenkey::cpu
