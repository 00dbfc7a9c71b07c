#include "kernels/attention.h"

#include "kernels/cpu/attention.h"
#include "kernels/cuda/efficient_attention.h"
#include "kernels/cuda/flash_attention.h"
#include "kernels/reference/attention.h"

namespace hiddenkey {

at::Tensor attention(const at::Tensor& q_MD, const at::Tensor& qkv_NW, const AttentionShape& shape,
                     const PackedLayout& queries, const PackedLayout& keys, const AttentionDropout& dropout) {
  if (cuda::flash_fits(qkv_NW, shape, queries, keys, dropout))
    return cuda::flash_attention(q_MD, qkv_NW, shape, queries, keys);
  if (cuda::efficient_fits(qkv_NW, shape, dropout))
    return cuda::efficient_attention(q_MD, qkv_NW, shape, queries, keys, dropout);
  const bool fused = qkv_NW.is_cpu() && qkv_NW.scalar_type() == at::kFloat && !dropout.weights_scale.defined();
  return (fused ? cpu::attention : reference::attention)(q_MD, qkv_NW, shape, queries, keys, dropout);
}

}  // namespace hiddenkey
