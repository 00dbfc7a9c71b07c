#include "nn/activation.h"

#include <torch/csrc/autograd/custom_function.h>

namespace hiddenkey {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// silu(gate) * up, keeping its input alone.
class GatedSilu : public torch::autograd::Function<GatedSilu> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_N2F) {
    ctx->save_for_backward({x_N2F});
    const std::vector<at::Tensor> parts = x_N2F.chunk(2, 1);
    return at::silu(parts[0]).mul_(parts[1]);
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const at::Tensor x_N2F = ctx->get_saved_variables()[0];
    const std::vector<at::Tensor> parts = x_N2F.chunk(2, 1);
    const at::Tensor dx_N2F = at::empty_like(x_N2F);
    std::vector<at::Tensor> dparts = dx_N2F.chunk(2, 1);
    at::Tensor &dgate = dparts[0], &dup = dparts[1];
    at::silu_out(dup, parts[0]).mul_(grads[0]);
    at::mul_out(dgate, grads[0], parts[1]);
    at::silu_backward_out(dgate, dgate, parts[0]);
    return {dx_N2F};
  }
};

}  // namespace

at::Tensor activate(const at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::kGelu:
      return at::gelu(x);
    case Activation::kGeluTanh:
      return at::gelu(x, "tanh");
    case Activation::kRelu:
      return at::relu(x);
    case Activation::kSilu:
      return at::silu(x);
    case Activation::kTanh:
      return at::tanh(x);
  }
  return x;
}

at::Tensor gated_activate(const at::Tensor& x_N2F, Activation activation) {
  if (activation == Activation::kSilu) return GatedSilu::apply(x_N2F);
  const std::vector<at::Tensor> parts = x_N2F.chunk(2, 1);
  return activate(parts[0], activation) * parts[1];
}

}  // namespace hiddenkey
