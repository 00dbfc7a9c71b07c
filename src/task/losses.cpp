#include "task/losses.h"

#include "dropout/consistency.h"

namespace hiddenkey {

at::Tensor class_loss(const at::Tensor& logits_PC, const at::Tensor& labels_P, const Objective& objective) {
  constexpr int64_t kNoIgnoredLabel = -100;
  if (!objective.class_weights_C.defined())
    return at::cross_entropy_loss(logits_PC, labels_P, {}, at::Reduction::Mean, kNoIgnoredLabel,
                                  objective.label_smoothing);
  const at::Tensor weights_C = objective.class_weights_C.to(logits_PC.scalar_type());
  const at::Tensor sum = at::cross_entropy_loss(logits_PC, labels_P, weights_C, at::Reduction::Sum, kNoIgnoredLabel,
                                                objective.label_smoothing);
  // A step in which no label counts has the loss 0; torch would divide by zero.
  const double mean_weight = objective.mean_weight > 0 ? objective.mean_weight : 1;
  return sum / (static_cast<double>(logits_PC.size(0)) * mean_weight);
}

Losses losses_of_logits(const Pass& one, const Pass* two, const Objective& objective, const SupervisedLoss& supervised,
                        const Divergence& divergence) {
  at::Tensor ce = supervised(one.logits_PC);
  if (two == nullptr) return {ce, ce, at::Tensor()};
  const ConsistencyConfig& config = objective.consistency;
  if (config.backward == ConsistencyBackward::kBoth) ce = (ce + supervised(two->logits_PC)) * 0.5;
  const at::Tensor consistency = divergence(one, *two);
  return {ce + config.weight * consistency, ce, consistency};
}

Losses class_losses(const Pass& one, const Pass* two, const at::Tensor& labels_P, const Objective& objective) {
  const auto supervised = [&](const at::Tensor& logits_PC) { return class_loss(logits_PC, labels_P, objective); };
  return losses_of_logits(one, two, objective, supervised, [&](const Pass& first, const Pass& second) {
    return softmax_divergence(first.logits_PC, second.logits_PC, objective);
  });
}

at::Tensor softmax_divergence(const at::Tensor& one_PV, const at::Tensor& two_PV, const Objective& objective) {
  const bool kl = objective.consistency.loss == ConsistencyLoss::kKl;
  const at::ScalarType type = one_PV.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  return (kl ? bidirectional_kl : jensen_shannon)(one_PV.to(type), two_PV.to(type));
}

}  // namespace hiddenkey
