#pragma once

#include <ATen/ATen.h>

namespace hiddenkey {

/// softmax(q k^T / sqrt(K)) v on padded sequences by the device's fused kernel: q [B,H,T,K], k and v [B,H,S,K].
/// `visible` is bool, broadcastable to [B,H,T,S], and leaves each query at least one key. The same call gives the same
/// bits on one model of GPU, forwards and backwards.
at::Tensor device_attention(const at::Tensor& q_BHTK, const at::Tensor& k_BHSK, const at::Tensor& v_BHSK,
                            const at::Tensor& visible);

}  // namespace hiddenkey
