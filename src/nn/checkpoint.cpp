#include "nn/checkpoint.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

namespace hiddenkey {
namespace {

using Run = std::function<at::Tensor(const at::Tensor&)>;

struct HeldRun : torch::CustomClassHolder {
  explicit HeldRun(Run held) : run(std::move(held)) {}
  Run run;
};

class Checkpoint : public torch::autograd::Function<Checkpoint> {
 public:
  // `anchor` requires a gradient, so that the node is on the tape even where x, below every adapter, needs none.
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& x, const at::Tensor& anchor,
                            const Run& run) {
    ctx->save_for_backward({x});
    ctx->saved_data["run"] = c10::IValue::make_capsule(c10::make_intrusive<HeldRun>(run));
    ctx->saved_data["needs_x"] = x.requires_grad();
    static_cast<void>(anchor);
    return run(x);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 const torch::autograd::variable_list& grads) {
    const auto held = c10::static_intrusive_pointer_cast<HeldRun>(ctx->saved_data["run"].toCapsule());
    const at::AutoGradMode record(true);
    const at::Tensor x = ctx->get_saved_variables()[0].detach().set_requires_grad(ctx->saved_data["needs_x"].toBool());
    const at::Tensor y = held->run(x);
    // Below every adapter there is nothing that a gradient would reach.
    if (y.requires_grad()) torch::autograd::backward({y}, {grads[0]});
    return {x.requires_grad() ? x.grad() : at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor checkpoint(const Run& run, const at::Tensor& x) {
  const at::Tensor anchor = at::empty({0}, x.options()).set_requires_grad(true);
  return Checkpoint::apply(x, anchor, run);
}

}  // namespace hiddenkey
