#include "kernels/cuda/efficient_attention.h"

#include <torch/csrc/autograd/custom_function.h>

#include "kernels/attention_bias.h"

namespace hiddenkey::cuda {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Packed rows at their places among padding, [B,T,D], which shows the first row.
at::Tensor padded(const at::Tensor& x_ND, const PackedLayout& layout) {
  const at::Tensor rows = layout.is_full() ? x_ND : x_ND.index_select(0, layout.row_BT.flatten());
  return rows.view({layout.sequences(), layout.longest, -1});
}

/// The other way: [B,T,D] -> [N,D].
at::Tensor packed(const at::Tensor& x_BTD, const PackedLayout& layout) {
  const at::Tensor rows = x_BTD.flatten(0, 1);
  return layout.is_full() ? rows : rows.index_select(0, layout.padded_N);
}

/// [B,S,G*K] -> [B,S,H,K]: each head as often as queries share it.
at::Tensor shared_heads(const at::Tensor& x_BSW, const AttentionShape& shape) {
  const at::Tensor x_BSGK = x_BSW.unflatten(2, {-1, shape.head_size});
  return shape.heads == shape.kv_heads ? x_BSGK : x_BSGK.repeat_interleave(shape.heads / shape.kv_heads, 2);
}

/// Its gradient: [B,S,H,K] -> [B,S,G*K].
at::Tensor sum_shared(const at::Tensor& x_BSHK, const AttentionShape& shape) {
  if (shape.heads == shape.kv_heads) return x_BSHK.flatten(2);
  return x_BSHK.unflatten(2, {shape.kv_heads, -1}).sum(3).flatten(2);
}

/// The kernel with the way to and from packed rows in one: what lies between them has one gradient matrix, and no slice
/// of it is ever filled up with zeros.
class EfficientAttention : public torch::autograd::Function<EfficientAttention> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const std::optional<at::Tensor>& own_q_MD, const at::Tensor& qkv_NW,
                            const at::Tensor& bias, const AttentionShape& shape, const PackedLayout& queries,
                            const PackedLayout& keys) {
    const at::AutoDispatchBelowADInplaceOrView guard;
    const int64_t width = shape.heads * shape.head_size, kv_width = shape.kv_heads * shape.head_size;
    const at::Tensor qkv_BSW = padded(qkv_NW, keys);
    const int64_t first_key = qkv_NW.size(1) - 2 * kv_width;
    const at::Tensor q_BTHK =
        (own_q_MD ? padded(*own_q_MD, queries) : qkv_BSW.narrow(2, 0, width)).unflatten(2, {-1, shape.head_size});
    const at::Tensor k_BSHK = shared_heads(qkv_BSW.narrow(2, first_key, kv_width), shape);
    const at::Tensor v_BSHK = shared_heads(qkv_BSW.narrow(2, first_key + kv_width, kv_width), shape);
    const at::Tensor bias_BHTS = bias.expand({q_BTHK.size(0), shape.heads, q_BTHK.size(1), k_BSHK.size(1)});
    const auto [out, log_sum, seed, offset, most_q, most_k] = at::_efficient_attention_forward(
        q_BTHK, k_BSHK, v_BSHK, bias_BHTS, {}, {}, q_BTHK.size(1), k_BSHK.size(1), /*dropout_p=*/0,
        /*custom_mask_type=*/0, /*compute_log_sumexp=*/true);
    ctx->save_for_backward({q_BTHK, k_BSHK, v_BSHK, bias_BHTS, out, log_sum, seed, offset});
    ctx->saved_data["own_q"] = own_q_MD.has_value();
    ctx->saved_data["first_key"] = first_key;
    ctx->saved_data["call"] = c10::IValue::make_capsule(c10::make_intrusive<Call>(shape, queries, keys));
    return packed(out.flatten(2), queries);
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    const auto call = ctx->saved_data["call"].toCapsule();
    const auto& [shape, queries, keys] = static_cast<const Call&>(*call).parts;
    const at::Tensor &q_BTHK = saved[0], &k_BSHK = saved[1];
    const at::Tensor dout_BTD = padded(grads[0].contiguous(), queries);
    // A padding's output is read by nobody. Only a copy may be changed.
    if (!queries.is_full()) dout_BTD.masked_fill_(queries.valid_BT.bitwise_not().unsqueeze(-1), 0);
    const bool own_q = ctx->saved_data["own_q"].toBool();
    // Where all three have one shape the kernel can write them side by side, as they are wanted.
    const bool one_matrix = !own_q && shape.heads == shape.kv_heads;
    const auto [dq_BTHK, dk_BSHK, dv_BSHK, dbias] = at::_efficient_attention_backward(
        dout_BTD.view(q_BTHK.sizes()), q_BTHK, k_BSHK, saved[2], saved[3], saved[4], {}, {}, q_BTHK.size(1),
        k_BSHK.size(1), saved[5], /*dropout_p=*/0, saved[6], saved[7], /*custom_mask_type=*/0,
        /*bias_requires_grad=*/false, /*scale=*/std::nullopt, /*num_splits_key=*/1, /*window_size=*/std::nullopt,
        /*shared_storage_dqdkdv=*/one_matrix);
    const at::Tensor none;
    if (one_matrix) {
      const int64_t width = 3 * shape.heads * shape.head_size;
      const at::Tensor dqkv_BSW =
          dq_BTHK.as_strided({q_BTHK.size(0), q_BTHK.size(1), width}, {q_BTHK.size(1) * width, width, 1});
      return {none, packed(dqkv_BSW, keys), none, none, none, none};
    }
    const at::Tensor dk = sum_shared(dk_BSHK, shape), dv = sum_shared(dv_BSHK, shape), dq = dq_BTHK.flatten(2);
    if (!own_q) return {none, packed(at::cat({dq, dk, dv}, 2), keys), none, none, none, none};
    const int64_t first_key = ctx->saved_data["first_key"].toInt();
    const at::Tensor unread = at::zeros({dk.size(0), dk.size(1), first_key}, dk.options());
    return {packed(dq, queries), packed(at::cat({unread, dk, dv}, 2), keys), none, none, none, none};
  }

 private:
  /// What the backward pass needs beside tensors.
  struct Call : torch::CustomClassHolder {
    Call(const AttentionShape& shape, const PackedLayout& queries, const PackedLayout& keys)
        : parts(shape, queries, keys) {}
    std::tuple<AttentionShape, PackedLayout, PackedLayout> parts;
  };
};

/// The weights' draw hides keys as the logits' does where the gradient goes through its denominator.
at::Tensor bias_for(const AttentionShape& shape, const PackedLayout& queries, const PackedLayout& keys,
                    const AttentionDropout& dropout, at::ScalarType type) {
  if (!dropout.weights_keep.defined()) return aligned_bias(shape, queries, keys, dropout.logits_keep, type);
  const at::Tensor visible = visible_keys(shape, queries, keys, dropout.logits_keep);
  return aligned_bias_of(kept_weights(visible, shape, queries, keys, dropout.weights_keep), type);
}

}  // namespace

bool efficient_fits(const at::Tensor& qkv_NW, const AttentionShape& shape, const AttentionDropout& dropout) {
  // Rows of a head are read 16 bytes at a time.
  const bool aligned = shape.head_size * static_cast<int64_t>(qkv_NW.element_size()) % 16 == 0;
  const bool hides_keys =
      !dropout.weights_scale.defined() && (!dropout.weights_keep.defined() || dropout.grad_through_norm);
  return qkv_NW.is_cuda() && qkv_NW.scalar_type() != at::kDouble && aligned && hides_keys;
}

at::Tensor efficient_attention(const at::Tensor& q_MD, const at::Tensor& qkv_NW, const AttentionShape& shape,
                               const PackedLayout& queries, const PackedLayout& keys, const AttentionDropout& dropout) {
  const at::Tensor bias = bias_for(shape, queries, keys, dropout, qkv_NW.scalar_type());
  return EfficientAttention::apply(q_MD.defined() ? std::make_optional(q_MD) : std::nullopt, qkv_NW, bias, shape,
                                   queries, keys);
}

}  // namespace hiddenkey::cuda
