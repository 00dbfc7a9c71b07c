#include "kernels/cuda/flash_attention.h"

#include <ATen/Context.h>
#include <torch/csrc/autograd/custom_function.h>

#include "core/log.h"
#include "core/text.h"
#include "kernels/reference/attention.h"

namespace hiddenkey::cuda {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Makes LibTorch take the way whose sums have one order; the flash kernel asks for nothing else than this switch.
class OneOrder {
 public:
  OneOrder()
      : context_(at::globalContext()),
        on_(context_.deterministicAlgorithms()),
        warns_(context_.deterministicAlgorithmsWarnOnly()),
        fills_(context_.deterministicFillUninitializedMemory()) {
    context_.setDeterministicAlgorithms(true, /*warn_only=*/false);
    context_.setDeterministicFillUninitializedMemory(false);
  }
  ~OneOrder() {
    context_.setDeterministicAlgorithms(on_, warns_);
    context_.setDeterministicFillUninitializedMemory(fills_);
  }
  OneOrder(const OneOrder&) = delete;
  OneOrder& operator=(const OneOrder&) = delete;

 private:
  at::Context& context_;
  bool on_, warns_, fills_;
};

/// How far the kernel lets a query see to each side; nothing: as far as it goes.
struct Window {
  std::optional<int64_t> left, right;
  explicit Window(const AttentionShape& shape) {
    if (shape.reach == 0) return;
    left = shape.reach;
    right = shape.causal ? 0 : shape.reach;
  }
};

class FlashAttention : public torch::autograd::Function<FlashAttention> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const std::optional<at::Tensor>& own_q_MD, const at::Tensor& qkv_NW,
                            const AttentionShape& shape, const PackedLayout& queries, const PackedLayout& keys) {
    const at::AutoDispatchBelowADInplaceOrView guard;
    const int64_t width = shape.heads * shape.head_size, kv_width = shape.kv_heads * shape.head_size;
    const int64_t first_key = qkv_NW.size(1) - 2 * kv_width;
    const Window window(shape);
    const auto heads = [&](const at::Tensor& rows) { return rows.unflatten(1, {-1, shape.head_size}); };
    const at::Tensor q_MHK = heads(own_q_MD ? *own_q_MD : qkv_NW.narrow(1, 0, width));
    const at::Tensor k_NGK = heads(qkv_NW.narrow(1, first_key, kv_width));
    const at::Tensor v_NGK = heads(qkv_NW.narrow(1, first_key + kv_width, kv_width));
    const auto [out_MHK, log_sum, state, unused, mask] = at::_flash_attention_forward(
        q_MHK, k_NGK, v_NGK, queries.offset_E, keys.offset_E, queries.longest, keys.longest, /*dropout_p=*/0,
        shape.causal, /*return_debug_mask=*/false, /*scale=*/std::nullopt, window.left, window.right);
    ctx->save_for_backward({q_MHK, k_NGK, v_NGK, out_MHK, log_sum, queries.offset_E, keys.offset_E, state, unused});
    ctx->saved_data["longest_query"] = queries.longest;
    ctx->saved_data["longest_key"] = keys.longest;
    ctx->saved_data["causal"] = shape.causal;
    ctx->saved_data["reach"] = shape.reach;
    ctx->saved_data["own_q"] = own_q_MD.has_value();
    ctx->saved_data["first_key"] = first_key;
    return out_MHK.flatten(1);
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor &q_MHK = saved[0], &k_NGK = saved[1], &v_NGK = saved[2];
    const bool causal = ctx->saved_data["causal"].toBool();
    const Window window({.causal = causal, .reach = ctx->saved_data["reach"].toInt()});
    const OneOrder order;
    const auto [dq_MHK, dk_NGK, dv_NGK] = at::_flash_attention_backward(
        grads[0].contiguous().view(q_MHK.sizes()), q_MHK, k_NGK, v_NGK, saved[3], saved[4], saved[5], saved[6],
        ctx->saved_data["longest_query"].toInt(), ctx->saved_data["longest_key"].toInt(), /*dropout_p=*/0, causal,
        saved[7], saved[8], /*scale=*/std::nullopt, window.left, window.right);
    const int64_t first_key = ctx->saved_data["first_key"].toInt();
    const at::Tensor dq_MD = dq_MHK.flatten(1), dk = dk_NGK.flatten(1), dv = dv_NGK.flatten(1);
    const at::Tensor none;
    if (!ctx->saved_data["own_q"].toBool()) return {none, at::cat({dq_MD, dk, dv}, 1), none, none, none};
    const at::Tensor unread = at::zeros({dk.size(0), first_key}, dk.options());
    return {dq_MD, at::cat({unread, dk, dv}, 1), none, none, none};
  }
};

double relative_error(const at::Tensor& a, const at::Tensor& b) {
  return ((a.to(at::kFloat) - b.to(at::kFloat)).norm() / b.to(at::kFloat).norm()).item<double>();
}

/// The kernel against plain operations, on sequences of uneven lengths: output and gradient, causal or not.
bool is_right_on(at::Device device, int64_t reach) {
  constexpr double kRounding = 0.02;  // bfloat16 has 8 bits; the two ways round at different places
  const PackedLayout layout = make_layout({0, 70, 71, 135}, device);
  for (const bool causal : {false, true}) {
    const AttentionShape shape{4, 2, 64, causal, reach};
    const at::Generator generator = at::detail::createCPUGenerator(1);
    const at::Tensor values = at::randn({135, 8 * 64}, generator, at::kFloat).to(device, at::kBFloat16);
    const at::Tensor grad = at::randn({135, 4 * 64}, generator, at::kFloat).to(device, at::kBFloat16);
    std::vector<at::Tensor> results;
    for (const bool flash : {true, false}) {
      const at::AutoGradMode record(true);
      const at::Tensor qkv = values.clone().set_requires_grad(true);
      const at::Tensor out = flash ? flash_attention(at::Tensor(), qkv, shape, layout, layout)
                                   : reference::attention(at::Tensor(), qkv, shape, layout, layout, {});
      out.backward(grad);
      results.push_back(out.detach());
      results.push_back(qkv.grad());
    }
    if (!(relative_error(results[0], results[2]) < kRounding && relative_error(results[1], results[3]) < kRounding))
      return false;
  }
  return true;
}

bool is_right_or_warns(at::Device device, int64_t reach) {
  try {
    if (is_right_on(device, reach)) return true;
  } catch (const c10::Error&) {  // the kernel does not take this GPU
  }
  log::warning(cat("flash attention ", reach > 0 ? "with a sliding window " : "",
                   "gives something else on this GPU than plain operations do; it is left alone"));
  return false;
}

bool can_be_used(at::Device device, bool windowed) {
  constexpr int64_t kReach = 9;  // less than the sequences of the check are long
  static const bool right = is_right_or_warns(device, 0);
  if (!windowed) return right;
  static const bool right_windowed = is_right_or_warns(device, kReach);
  return right_windowed;
}

}  // namespace

bool flash_fits(const at::Tensor& qkv_NW, const AttentionShape& shape, const PackedLayout& queries,
                const PackedLayout& keys, const AttentionDropout& dropout) {
  const bool masked =
      dropout.logits_keep.defined() || dropout.weights_keep.defined() || dropout.weights_scale.defined();
  const bool aligned = shape.head_size % 8 == 0 && shape.head_size <= 256;
  // The kernel takes a sequence's queries for its last positions, which matters where the position does.
  const bool own_rows = (!shape.causal && shape.reach == 0) || queries.rows() == keys.rows();
  return qkv_NW.is_cuda() && qkv_NW.scalar_type() == at::kBFloat16 && !masked && aligned && own_rows &&
         can_be_used(qkv_NW.device(), shape.reach > 0);
}

at::Tensor flash_attention(const at::Tensor& q_MD, const at::Tensor& qkv_NW, const AttentionShape& shape,
                           const PackedLayout& queries, const PackedLayout& keys) {
  return FlashAttention::apply(q_MD.defined() ? std::make_optional(q_MD) : std::nullopt, qkv_NW, shape, queries, keys);
}

}  // namespace hiddenkey::cuda
