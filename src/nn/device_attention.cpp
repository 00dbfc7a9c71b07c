#include "nn/device_attention.h"

#include <torch/csrc/autograd/custom_function.h>

#include <limits>

namespace hiddenkey {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kAligned = 16;  // keys: a GPU's kernel wants a bias's rows to be multiples of it

/// A float bias keeps the fused kernels in use on every device, and -inf hides a key exactly.
at::Tensor bias_of(const at::Tensor& visible, int64_t keys, const at::Tensor& like) {
  std::vector<int64_t> sizes = visible.sizes().vec();
  if (like.is_cuda()) sizes.back() = (keys + kAligned - 1) / kAligned * kAligned;
  const at::Tensor bias = at::zeros(sizes, like.options()).narrow(-1, 0, keys);
  bias.masked_fill_(visible.bitwise_not(), -std::numeric_limits<double>::infinity());
  return bias;
}

/// LibTorch's memory-efficient kernel for GPUs. Its backward pass splits the keys among blocks that add into one
/// another in no fixed order, unless it is told to make one split.
class EfficientAttention : public torch::autograd::Function<EfficientAttention> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& q_BTHK, const at::Tensor& k_BSHK,
                            const at::Tensor& v_BSHK, const at::Tensor& bias_BHTS) {
    const at::AutoDispatchBelowADInplaceOrView guard;
    const auto [out, log_sum, seed, offset, most_q, most_k] = at::_efficient_attention_forward(
        q_BTHK, k_BSHK, v_BSHK, bias_BHTS, {}, {}, q_BTHK.size(1), k_BSHK.size(1), /*dropout_p=*/0,
        /*custom_mask_type=*/0, /*compute_log_sumexp=*/true);
    ctx->save_for_backward({q_BTHK, k_BSHK, v_BSHK, bias_BHTS, out, log_sum, seed, offset});
    return out;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor &q = saved[0], &k = saved[1];
    const auto [dq, dk, dv, dbias] = at::_efficient_attention_backward(
        grads[0].contiguous(), q, k, saved[2], saved[3], saved[4], {}, {}, q.size(1), k.size(1), saved[5],
        /*dropout_p=*/0, saved[6], saved[7], /*custom_mask_type=*/0, /*bias_requires_grad=*/false,
        /*scale=*/std::nullopt, /*num_splits_key=*/1);
    return {dq, dk, dv, at::Tensor()};
  }
};

/// Rows of a head are read 16 bytes at a time.
bool fits_kernel(const at::Tensor& q_BHTK) {
  return q_BHTK.is_cuda() && q_BHTK.scalar_type() != at::kDouble &&
         q_BHTK.size(-1) * static_cast<int64_t>(q_BHTK.element_size()) % 16 == 0;
}

}  // namespace

at::Tensor device_attention(const at::Tensor& q_BHTK, const at::Tensor& k_BHSK, const at::Tensor& v_BHSK,
                            const at::Tensor& visible) {
  const at::Tensor bias = bias_of(visible, k_BHSK.size(2), q_BHTK);
  if (!fits_kernel(q_BHTK)) return at::scaled_dot_product_attention(q_BHTK, k_BHSK, v_BHSK, bias);
  const at::Tensor bias_BHTS = bias.expand({q_BHTK.size(0), q_BHTK.size(1), q_BHTK.size(2), k_BHSK.size(2)});
  return EfficientAttention::apply(q_BHTK.transpose(1, 2), k_BHSK.transpose(1, 2), v_BHSK.transpose(1, 2), bias_BHTS)
      .transpose(1, 2);
}

}  // namespace hiddenkey
