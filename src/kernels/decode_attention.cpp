#include "kernels/decode_attention.h"

#include "kernels/cpu/decode_attention.h"
#include "kernels/reference/decode_attention.h"

namespace hiddenkey {

at::Tensor decode_attention(const at::Tensor& qkv_RW, const at::Tensor& kv_CW, const CachedRows& cached,
                            const AttentionShape& shape) {
  const bool fused = qkv_RW.is_cpu() && qkv_RW.scalar_type() == at::kFloat;
  return (fused ? cpu::decode_attention : reference::decode_attention)(qkv_RW, kv_CW, cached, shape);
}

}  // namespace hiddenkey
