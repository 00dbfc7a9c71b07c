#include "nn/token_loss.h"

#include <ATen/core/grad_mode.h>
#include <torch/torch.h>

#include <algorithm>

#include "dropout/consistency.h"
#include "nn/checkpoint.h"
#include "nn/matmul.h"

namespace hiddenkey {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Rows whose logits exist at once: 32 MiB of float32 keep a matrix product busy and stay near the caches.
int64_t chunk_rows(int64_t vocabulary) { return std::max<int64_t>(1, (int64_t{1} << 23) / vocabulary); }

at::Tensor widened(const at::Tensor& logits) {
  return logits.scalar_type() == at::kDouble ? logits : logits.to(at::kFloat);
}

/// Sums over the rows of a chunk: [CE, consistency].
at::Tensor chunk_sums(const at::Tensor& logits1_RV, const at::Tensor& logits2_RV, const at::Tensor& labels_R,
                      const TokenObjective& objective) {
  const auto entropy = [&](const at::Tensor& logits_RV) {
    return at::cross_entropy_loss(logits_RV, labels_R, {}, at::Reduction::Sum, -100, objective.label_smoothing);
  };
  at::Tensor ce = entropy(logits1_RV);
  if (!logits2_RV.defined()) return at::stack({ce, at::zeros_like(ce)});
  if (objective.backward == ConsistencyBackward::kBoth) ce = (ce + entropy(logits2_RV)) * 0.5;
  const bool kl = objective.consistency == ConsistencyLoss::kKl;
  const at::Tensor mean = (kl ? bidirectional_kl : jensen_shannon)(logits1_RV, logits2_RV);
  return at::stack({ce, mean * labels_R.size(0)});
}

/// total = CE + weight * consistency, of sums.
at::Tensor weighted(const at::Tensor& sums, const TokenObjective& objective) {
  return sums.select(0, 0) + sums.select(0, 1) * objective.weight;
}

/// The losses of a frozen head without adapters.
class FrozenHeadLoss : public torch::autograd::Function<FrozenHeadLoss> {
 public:
  /// -> total, and [CE, consistency] without a gradient; all means over the rows.
  static variable_list forward(AutogradContext* ctx, const at::Tensor& x1_PD, const std::optional<at::Tensor>& x2_PD,
                               const at::Tensor& weight_VD, const at::Tensor& labels_P, const TokenObjective& objective,
                               bool needs_x1, bool needs_x2) {
    const int64_t rows = x1_PD.size(0), step = chunk_rows(weight_VD.size(0));
    at::Tensor sums =
        at::zeros({2}, x1_PD.options().dtype(x1_PD.scalar_type() == at::kDouble ? at::kDouble : at::kFloat));
    at::Tensor dx1_PD = needs_x1 ? at::empty_like(x1_PD) : at::Tensor();
    at::Tensor dx2_PD = needs_x2 ? at::empty_like(*x2_PD) : at::Tensor();
    const double scale = 1.0 / static_cast<double>(rows);
    for (int64_t begin = 0; begin < rows; begin += step) {
      const int64_t count = std::min(step, rows - begin);
      const auto logits_of = [&](const at::Tensor& x_PD, bool needed) {
        return widened(linear_product(x_PD.narrow(0, begin, count), weight_VD)).set_requires_grad(needed);
      };
      const at::Tensor logits1_RV = logits_of(x1_PD, needs_x1);
      const at::Tensor logits2_RV = x2_PD ? logits_of(*x2_PD, needs_x2) : at::Tensor();
      const at::AutoGradMode record(needs_x1 || needs_x2);
      const at::Tensor chunk = chunk_sums(logits1_RV, logits2_RV, labels_P.narrow(0, begin, count), objective);
      sums.add_(chunk.detach());
      if (!needs_x1 && !needs_x2) continue;
      const auto keep_gradient = [&](const at::Tensor& dlogits_RV, const at::Tensor& dx_PD) {
        const at::NoGradGuard guard;
        dx_PD.narrow(0, begin, count).copy_(product((dlogits_RV * scale).to(weight_VD.scalar_type()), weight_VD));
      };
      variable_list inputs;
      if (needs_x1) inputs.push_back(logits1_RV);
      if (needs_x2) inputs.push_back(logits2_RV);
      const variable_list dlogits = torch::autograd::grad({weighted(chunk, objective)}, inputs);
      if (needs_x1) keep_gradient(dlogits.front(), dx1_PD);
      if (needs_x2) keep_gradient(dlogits.back(), dx2_PD);
    }
    ctx->save_for_backward({dx1_PD, dx2_PD});
    sums.mul_(scale);
    const at::Tensor total = weighted(sums, objective);
    ctx->mark_non_differentiable({sums});
    return {total, sums};
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    const auto scaled = [&](const at::Tensor& dx_PD) {
      return dx_PD.defined() ? dx_PD.mul(grads[0].to(dx_PD.scalar_type())) : at::Tensor();
    };
    variable_list result(7);
    result[0] = scaled(saved[0]);
    result[1] = scaled(saved[1]);
    return result;
  }
};

/// Chunk by chunk on the tape, each run again in the backward pass: for heads that are trained.
at::Tensor checkpointed_sums(const at::Tensor& x1_PD, const at::Tensor& x2_PD, const Linear& head,
                             const at::Tensor& labels_P, const TokenObjective& objective) {
  const int64_t rows = x1_PD.size(0), step = chunk_rows(head.weight_OI.size(0));
  at::Tensor sums;
  for (int64_t begin = 0; begin < rows; begin += step) {
    const int64_t count = std::min(step, rows - begin);
    const at::Tensor labels_R = labels_P.narrow(0, begin, count);
    at::Tensor x = x1_PD.narrow(0, begin, count);
    if (x2_PD.defined()) x = at::cat({x, x2_PD.narrow(0, begin, count)});
    const auto run = [&head, labels_R, objective, count](const at::Tensor& both) {
      const at::Tensor logits = widened(head.forward(both, DropoutScope(), 0));
      const bool two = logits.size(0) > count;
      at::Tensor second = two ? logits.narrow(0, count, count) : at::Tensor();
      if (two && objective.backward == ConsistencyBackward::kOne) second = second.detach();
      return chunk_sums(logits.narrow(0, 0, count), second, labels_R, objective);
    };
    const at::Tensor chunk = at::GradMode::is_enabled() ? checkpoint(run, x) : run(x);
    sums = sums.defined() ? sums + chunk : chunk;
  }
  return sums / static_cast<double>(rows);
}

bool is_frozen(const Linear& head) { return head.adapters.empty() && !head.weight_OI.requires_grad(); }

}  // namespace

TokenLosses token_losses(const at::Tensor& x1_PD, const at::Tensor& x2_PD, const Linear& head,
                         const at::Tensor& labels_P, const TokenObjective& objective) {
  at::Tensor total, sums;
  if (is_frozen(head)) {
    const bool record = at::GradMode::is_enabled();
    const std::optional<at::Tensor> second = x2_PD.defined() ? std::make_optional(x2_PD) : std::nullopt;
    const variable_list losses =
        FrozenHeadLoss::apply(x1_PD, second, head.weight_OI, labels_P, objective, record && x1_PD.requires_grad(),
                              record && x2_PD.defined() && x2_PD.requires_grad());
    total = losses[0];
    sums = losses[1];
  } else {
    sums = checkpointed_sums(x1_PD, x2_PD, head, labels_P, objective);
    total = weighted(sums, objective);
    sums = sums.detach();
  }
  return {total, sums.select(0, 0), x2_PD.defined() ? sums.select(0, 1) : at::Tensor()};
}

at::Tensor token_negative_log_likelihood(const at::Tensor& x_PD, const Linear& head, const at::Tensor& labels_P) {
  const at::NoGradGuard guard;
  const int64_t rows = x_PD.size(0), step = chunk_rows(head.weight_OI.size(0));
  at::Tensor sum = at::zeros({}, x_PD.options().dtype(at::kDouble));
  for (int64_t begin = 0; begin < rows; begin += step) {
    const int64_t count = std::min(step, rows - begin);
    const at::Tensor logits_RV = widened(head.forward(x_PD.narrow(0, begin, count), DropoutScope(), 0));
    sum += at::cross_entropy_loss(logits_RV, labels_P.narrow(0, begin, count), {}, at::Reduction::None)
               .to(at::kDouble)
               .sum();
  }
  return sum;
}

}  // namespace hiddenkey
