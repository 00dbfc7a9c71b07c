#include "task/losses.h"

#include "dropout/consistency.h"

namespace hiddenkey {

Losses losses_of_logits(const Pass& one, const Pass* two, const Objective& objective, const SupervisedLoss& supervised,
                        const Divergence& divergence) {
  at::Tensor ce = supervised(one.logits_PC);
  if (two == nullptr) return {ce, ce, at::Tensor()};
  const ConsistencyConfig& config = objective.consistency;
  if (config.backward == ConsistencyBackward::kBoth) ce = (ce + supervised(two->logits_PC)) * 0.5;
  const at::Tensor consistency = divergence(one, *two);
  return {ce + config.weight * consistency, ce, consistency};
}

at::Tensor softmax_divergence(const at::Tensor& one_PV, const at::Tensor& two_PV, const Objective& objective) {
  const bool kl = objective.consistency.loss == ConsistencyLoss::kKl;
  const at::ScalarType type = one_PV.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  return (kl ? bidirectional_kl : jensen_shannon)(one_PV.to(type), two_PV.to(type));
}

}  // namespace hiddenkey
