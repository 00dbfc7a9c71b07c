#include "nn/rotary.h"

#include <torch/csrc/autograd/custom_function.h>

namespace hiddenkey {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor turned(const at::Tensor& x_NW, int64_t heads, const at::Tensor& cos_N1K, const at::Tensor& sin_N1K) {
  const int64_t half = cos_N1K.size(-1), width = heads * 2 * half;
  const at::Tensor x = x_NW.narrow(1, 0, width).view({-1, heads, 2 * half});
  const at::Tensor x1 = x.narrow(2, 0, half), x2 = x.narrow(2, half, half);
  at::Tensor result = at::empty(x_NW.sizes(), x_NW.options());
  at::Tensor y = result.narrow(1, 0, width).view({-1, heads, 2 * half});
  y.narrow(2, 0, half).copy_(x1 * cos_N1K).addcmul_(x2, sin_N1K, -1);
  y.narrow(2, half, half).copy_(x2 * cos_N1K).addcmul_(x1, sin_N1K);
  if (width < x_NW.size(1)) {
    const int64_t rest = x_NW.size(1) - width;
    result.narrow(1, width, rest).copy_(x_NW.narrow(1, width, rest));
  }
  return result;
}

/// A rotation's gradient is the rotation back: nothing of x is kept.
class Rotate : public torch::autograd::Function<Rotate> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_NW, int64_t heads, const at::Tensor& cos_N1K,
                            const at::Tensor& sin_N1K) {
    ctx->save_for_backward({cos_N1K, sin_N1K});
    ctx->saved_data["heads"] = heads;
    return turned(x_NW, heads, cos_N1K, sin_N1K);
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    return {turned(grads[0].contiguous(), ctx->saved_data["heads"].toInt(), saved[0], -saved[1]), at::Tensor(),
            at::Tensor(), at::Tensor()};
  }
};

}  // namespace

Rotation rotation_at(const at::Tensor& position_N, const at::Tensor& frequency_K) {
  const at::Tensor angle_N1K = position_N.view({-1, 1, 1}).to(frequency_K.scalar_type()) * frequency_K;
  return {angle_N1K.cos(), angle_N1K.sin()};
}

Rotation rows_of(const Rotation& rotation, const at::Tensor& row_P) {
  return {rotation.cos_N1K.index_select(0, row_P), rotation.sin_N1K.index_select(0, row_P)};
}

at::Tensor rotate(const at::Tensor& x_NW, int64_t heads, const Rotation& rotation) {
  const auto type = x_NW.scalar_type();
  return Rotate::apply(x_NW.contiguous(), heads, rotation.cos_N1K.to(type), rotation.sin_N1K.to(type));
}

}  // namespace hiddenkey
