#pragma once

#include "kernels/decode_attention.h"

namespace hiddenkey::cpu {

/// decode_attention() in float32, which reads the cache where it lies.
at::Tensor decode_attention(const at::Tensor& qkv_RW, const at::Tensor& kv_CW, const CachedRows& cached,
                            const AttentionShape& shape);

}  // namespace hiddenkey::cpu
