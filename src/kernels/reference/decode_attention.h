#pragma once

#include "kernels/decode_attention.h"

namespace hiddenkey::reference {

/// decode_attention() by plain tensor operations: any device and type.
at::Tensor decode_attention(const at::Tensor& qkv_RW, const at::Tensor& kv_CW, const CachedRows& cached,
                            const AttentionShape& shape);

}  // namespace hiddenkey::reference
