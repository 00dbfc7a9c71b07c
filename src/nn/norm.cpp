#include "nn/norm.h"

#include <torch/csrc/autograd/custom_function.h>

#include "nn/widened.h"

namespace hiddenkey {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Keeps the input and one number a row for the backward pass, and no normalised copy.
class RmsNorm : public torch::autograd::Function<RmsNorm> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_ND, const at::Tensor& weight_D, double epsilon) {
    const at::Tensor x = widened(x_ND);
    const at::Tensor scale_N1 = x.square().mean(-1, true).add_(epsilon).rsqrt_();
    ctx->save_for_backward({x_ND, weight_D, scale_N1});
    return (x * scale_N1).to(x_ND.scalar_type()).mul_(weight_D);
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor x = widened(saved[0]), weight_D = widened(saved[1]), dy = widened(grads[0]);
    const at::Tensor normal_ND = x * saved[2];
    at::Tensor dx, dweight;
    if (ctx->needs_input_grad(1)) dweight = (dy * normal_ND).sum(0).to(saved[1].scalar_type());
    if (ctx->needs_input_grad(0)) {
      const at::Tensor dnormal_ND = dy * weight_D;
      const at::Tensor dot_N1 = (dnormal_ND * normal_ND).mean(-1, true);
      dx = at::addcmul(dnormal_ND, normal_ND, dot_N1, -1).mul_(saved[2]).to(saved[0].scalar_type());
    }
    return {dx, dweight, at::Tensor()};
  }
};

}  // namespace

at::Tensor Norm::forward(const at::Tensor& x_ND) const {
  // A GPU has one kernel for all of it, which keeps the same for the backward pass.
  if (kind == NormKind::kRms && x_ND.is_cuda()) return at::rms_norm(x_ND, {x_ND.size(-1)}, weight_D, epsilon);
  if (kind == NormKind::kRms) return RmsNorm::apply(x_ND, weight_D, epsilon);
  return at::layer_norm(x_ND, {x_ND.size(-1)}, weight_D, bias_D, epsilon);
}

}  // namespace hiddenkey
