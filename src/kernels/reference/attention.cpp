#include "kernels/reference/attention.h"

#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <limits>

#include "kernels/attention_bias.h"

namespace hiddenkey::reference {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Packed rows [N,D] at their places among padding [B*T,D], which shows the first row. Nothing is added up in the
/// backward pass: it takes each row's gradient from its own place, and the padding's, which is zero, from nowhere.
class PadRows : public torch::autograd::Function<PadRows> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_ND, const PackedLayout& layout) {
    ctx->save_for_backward({layout.padded_N});
    return x_ND.index_select(0, layout.row_BT.flatten());
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    return {grads[0].index_select(0, ctx->get_saved_variables()[0]), at::Tensor()};
  }
};

/// The other way.
class PackRows : public torch::autograd::Function<PackRows> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_PD, const PackedLayout& layout) {
    ctx->save_for_backward({layout.row_BT.flatten(), layout.valid_BT.flatten()});
    return x_PD.index_select(0, layout.padded_N);
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor padding = saved[1].bitwise_not().unsqueeze(1);
    return {grads[0].index_select(0, saved[0]).masked_fill_(padding, 0), at::Tensor()};
  }
};

/// [rows,heads*K] -> [B,heads,T,K], the first row's values at padding.
at::Tensor pad(const at::Tensor& x_ND, const PackedLayout& layout, const AttentionShape& shape) {
  const at::Tensor rows = PadRows::apply(x_ND, layout);
  return rows.view({layout.sequences(), layout.longest, -1, shape.head_size}).transpose(1, 2);
}

/// The same with each head as often as queries share it: [B,H,T,K].
at::Tensor pad_shared(const at::Tensor& x_ND, const PackedLayout& layout, const AttentionShape& shape) {
  const at::Tensor heads = pad(x_ND, layout, shape);
  return shape.heads == shape.kv_heads ? heads : heads.repeat_interleave(shape.heads / shape.kv_heads, 1);
}

at::Tensor weights_over(const at::Tensor& seen, const at::Tensor& logits_BHTS) {
  return logits_BHTS.masked_fill(seen.bitwise_not(), -std::numeric_limits<double>::infinity()).softmax(-1);
}

/// DropAttention's w' = wbar / NoGrad(sum wbar), where wbar is what is kept of `weights_BHTS`: the quotient is a
/// softmax over the kept keys, which stays exact where wbar underflows; the gradient is that of wbar over the same
/// constant.
at::Tensor weights_over_kept(const at::Tensor& kept, const at::Tensor& logits_BHTS, const at::Tensor& weights_BHTS) {
  const at::Tensor value = weights_over(kept, logits_BHTS).detach();
  const at::Tensor sum = weights_BHTS.detach().masked_fill(kept.bitwise_not(), 0).sum(-1, true).clamp_min(1e-30);
  const at::Tensor slope = weights_BHTS.masked_fill(kept.bitwise_not(), 0) / sum;
  return value + (slope - slope.detach());
}

}  // namespace

at::Tensor attention(const at::Tensor& q_MD, const at::Tensor& qkv_NW, const AttentionShape& shape,
                     const PackedLayout& queries, const PackedLayout& keys, const AttentionDropout& dropout) {
  const int64_t width = shape.heads * shape.head_size, kv_width = shape.kv_heads * shape.head_size;
  const int64_t first_key = qkv_NW.size(1) - 2 * kv_width;
  const at::Tensor q_BHTK = pad(q_MD.defined() ? q_MD : qkv_NW.narrow(1, 0, width), queries, shape);
  const at::Tensor k_BHSK = pad_shared(qkv_NW.narrow(1, first_key, kv_width), keys, shape);
  const at::Tensor v_BHSK = pad_shared(qkv_NW.narrow(1, first_key + kv_width, kv_width), keys, shape);
  at::Tensor visible = visible_keys(shape, queries, keys, dropout.logits_keep);
  bool drops_weights = dropout.weights_keep.defined();
  if (drops_weights && dropout.grad_through_norm) {
    visible = kept_weights(visible, shape, queries, keys, dropout.weights_keep);
    drops_weights = false;
  }
  at::Tensor out_BHTK;
  if (drops_weights || dropout.weights_scale.defined()) {
    // In float32 whatever the base is: a quotient of half-precision sums would be four times less exact.
    const at::ScalarType wide = q_BHTK.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    const at::Tensor logits_BHTS = at::matmul(q_BHTK.to(wide), k_BHSK.to(wide).transpose(-1, -2)) /
                                   std::sqrt(static_cast<double>(shape.head_size));
    at::Tensor weights_BHTS = weights_over(visible, logits_BHTS);
    if (drops_weights) {
      const at::Tensor kept = kept_weights(visible, shape, queries, keys, dropout.weights_keep);
      weights_BHTS = weights_over_kept(kept, logits_BHTS, weights_BHTS);
    }
    if (dropout.weights_scale.defined()) {
      weights_BHTS = weights_BHTS * dropout.weights_scale.narrow(2, 0, queries.longest).to(weights_BHTS.scalar_type());
    }
    out_BHTK = at::matmul(weights_BHTS.to(v_BHSK.scalar_type()), v_BHSK);
  } else {
    // A float bias keeps LibTorch's fused kernels in use, and -inf hides a key exactly.
    out_BHTK = at::scaled_dot_product_attention(q_BHTK, k_BHSK, v_BHSK, bias_of(visible, q_BHTK.scalar_type()));
  }
  const at::Tensor out_PD =
      out_BHTK.transpose(1, 2).reshape({queries.sequences() * queries.longest, shape.heads * shape.head_size});
  return PackRows::apply(out_PD, queries);
}

}  // namespace hiddenkey::reference
