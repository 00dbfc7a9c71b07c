#include "nn/token_loss.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "dropout/consistency.h"
#include "kernels/cpu/token_rows.h"
#include "kernels/matmul.h"
#include "nn/checkpoint.h"
#include "nn/widened.h"

namespace hiddenkey {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Rows whose logits exist at once: 32 MiB of float32 keep a matrix product busy and stay near the caches.
int64_t chunk_rows(int64_t vocabulary) { return std::max<int64_t>(1, (int64_t{1} << 23) / vocabulary); }

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

/// What a chunk of logits gives: its sums, and d total / d logits where they are asked for.
struct ChunkResult {
  at::Tensor sums;  ///< [CE, consistency] over the rows
  at::Tensor dlogits1_RV, dlogits2_RV;
};

/// On any device, by the tape.
ChunkResult chunk_on_tape(const at::Tensor& logits1_RV, const at::Tensor& logits2_RV, const at::Tensor& labels_R,
                          const TokenObjective& objective, bool needs1, bool needs2) {
  const at::AutoGradMode record(needs1 || needs2);
  logits1_RV.set_requires_grad(needs1);
  if (logits2_RV.defined()) logits2_RV.set_requires_grad(needs2);
  const at::Tensor sums = chunk_sums(logits1_RV, logits2_RV, labels_R, objective);
  variable_list inputs;
  if (needs1) inputs.push_back(logits1_RV);
  if (needs2) inputs.push_back(logits2_RV);
  if (inputs.empty()) return {sums, {}, {}};
  const variable_list grads = torch::autograd::grad({weighted(sums, objective)}, inputs);
  return {sums.detach(), needs1 ? grads.front() : at::Tensor(), needs2 ? grads.back() : at::Tensor()};
}

/// float32 in the CPU's memory, where the logits become their gradient. Takes everything but JS.
ChunkResult chunk_on_cpu(const at::Tensor& logits1_RV, const at::Tensor& logits2_RV, const at::Tensor& labels_R,
                         const TokenObjective& objective, bool needs1, bool needs2) {
  const int64_t rows = logits1_RV.size(0), size = logits1_RV.size(1);
  const bool two = logits2_RV.defined(), both = two && objective.backward == ConsistencyBackward::kBoth;
  float* const first = logits1_RV.data_ptr<float>();
  float* const second = two ? logits2_RV.data_ptr<float>() : nullptr;
  const int64_t* const labels = labels_R.const_data_ptr<int64_t>();
  const cpu::RowWeights weights{both ? 0.5F : 1.0F, static_cast<float>(objective.weight),
                                static_cast<float>(objective.label_smoothing)};
  const at::Tensor losses_R2 = at::zeros({rows, 2}, at::kDouble);
  double* const losses = losses_R2.data_ptr<double>();
  at::parallel_for(0, rows, 1, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      float *z1 = first + r * size, *z2 = two ? second + r * size : nullptr;
      const auto entropy = [&](const float* z, const cpu::RowSums& sums) {
        return weights.ce * cpu::row_cross_entropy(z, sums, size, labels[r], objective.label_smoothing);
      };
      const cpu::RowSums sums1 = cpu::row_sums(z1, size);
      losses[2 * r] = entropy(z1, sums1);
      if (!two) {
        if (needs1) cpu::row_gradient(z1, sums1.log_sum, size, labels[r], weights);
        continue;
      }
      const cpu::RowSums sums2 = cpu::row_sums(z2, size);
      if (both) losses[2 * r] += entropy(z2, sums2);
      const cpu::RowDivergence divergence = cpu::row_divergence(z1, sums1.log_sum, z2, sums2.log_sum, size);
      losses[2 * r + 1] = 0.5 * (static_cast<double>(divergence.forward) + divergence.backward);
      if (needs1) {
        cpu::row_pair_gradient(z1, sums1.log_sum, z2, sums2.log_sum, size, labels[r], divergence, weights,
                               needs2 ? cpu::OtherBranch::kDifferentiate : cpu::OtherBranch::kLeave);
      }
    }
  });
  return {losses_R2.sum(0).to(at::kFloat), needs1 ? logits1_RV : at::Tensor(), needs2 ? logits2_RV : at::Tensor()};
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
      const auto logits_of = [&](const at::Tensor& x_PD) {
        return widened(linear_product(x_PD.narrow(0, begin, count), weight_VD));
      };
      const at::Tensor logits1_RV = logits_of(x1_PD), logits2_RV = x2_PD ? logits_of(*x2_PD) : at::Tensor();
      const bool rows_fit = logits1_RV.is_cpu() && logits1_RV.scalar_type() == at::kFloat &&
                            objective.consistency != ConsistencyLoss::kJs;
      const ChunkResult chunk = (rows_fit ? chunk_on_cpu : chunk_on_tape)(
          logits1_RV, logits2_RV, labels_P.narrow(0, begin, count), objective, needs_x1, needs_x2);
      sums.add_(chunk.sums);
      const auto keep_gradient = [&](const at::Tensor& dlogits_RV, const at::Tensor& dx_PD) {
        dx_PD.narrow(0, begin, count).copy_(product(dlogits_RV.to(weight_VD.scalar_type()), weight_VD));
      };
      if (needs_x1) keep_gradient(chunk.dlogits1_RV, dx1_PD);
      if (needs_x2) keep_gradient(chunk.dlogits2_RV, dx2_PD);
    }
    if (needs_x1) dx1_PD.mul_(scale);
    if (needs_x2) dx2_PD.mul_(scale);
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
      const at::Tensor logits = widened(head.forward(both, {DropoutScope()}));
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
    const at::Tensor logits_RV = widened(head.forward(x_PD.narrow(0, begin, count), {DropoutScope()}));
    sum += at::cross_entropy_loss(logits_RV, labels_P.narrow(0, begin, count), {}, at::Reduction::None)
               .to(at::kDouble)
               .sum();
  }
  return sum;
}

}  // namespace hiddenkey
