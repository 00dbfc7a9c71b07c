#include "train/step.h"

#include <ATen/core/grad_mode.h>

#include "dropout/consistency.h"
#include "nn/token_loss.h"

namespace hiddenkey {
namespace {

/// What a pass gives the losses. A language model's logits are left to the loss, which never holds them all.
struct Pass {
  at::Tensor picked_PD;
  at::Tensor logits_PC;
};

Pass run_pass(const Network& network, const Prefix& prefix, const DropoutScope& scope, const PackedLayout& layout,
              const Objective& objective) {
  const at::Tensor picked_PD = network.finish(prefix, scope, layout, objective.activation_checkpointing);
  if (objective.kind == TaskKind::kGeneration) return {network.head.enter(picked_PD, scope), at::Tensor()};
  return {picked_PD, network.head.forward(picked_PD, scope)};
}

/// Both passes as one batch of 2B sequences.
std::pair<Pass, Pass> batched_passes(const Network& network, const Prefix& prefix, const DropoutScope& scope,
                                     const DeviceBatch& batch, const Objective& objective) {
  const Pass both = run_pass(network, prefix.twice(), scope, twice(batch.layout), objective);
  const auto half = [](const at::Tensor& x, int64_t i) { return x.defined() ? x.chunk(2)[i] : x; };
  return {{half(both.picked_PD, 0), half(both.logits_PC, 0)}, {half(both.picked_PD, 1), half(both.logits_PC, 1)}};
}

/// One after the other. A second pass that nobody differentiates leaves no tape.
std::pair<Pass, Pass> sequential_passes(const Network& network, const Prefix& prefix, const DropoutScope& scope,
                                        const DeviceBatch& batch, const Objective& objective) {
  const DropoutScope one{scope.plan, scope.layout, {scope.passes[0]}};
  const DropoutScope two = scope.passes[1] ? DropoutScope{scope.plan, scope.layout, {scope.passes[1]}} : DropoutScope{};
  const Pass first = run_pass(network, prefix, one, batch.layout, objective);
  const at::AutoGradMode record(objective.consistency.backward == ConsistencyBackward::kBoth);
  return {first, run_pass(network, prefix, two, batch.layout, objective)};
}

at::Tensor consistency_of(const Pass& one, const Pass& two, const Objective& objective) {
  const bool regression = objective.kind == TaskKind::kRegression;
  const at::Tensor& first = regression ? one.picked_PD : one.logits_PC;
  const at::Tensor& second = regression ? two.picked_PD : two.logits_PC;
  const bool kl = objective.consistency.loss == ConsistencyLoss::kKl;
  return (kl ? bidirectional_kl : jensen_shannon)(
      first.to(first.scalar_type() == at::kDouble ? at::kDouble : at::kFloat),
      second.to(first.scalar_type() == at::kDouble ? at::kDouble : at::kFloat));
}

Losses language_losses(const Network& network, const Pass& one, const Pass& two, const at::Tensor& labels_P,
                       const Objective& objective) {
  const ConsistencyConfig& config = objective.consistency;
  const ConsistencyLoss kind = config.loss.value_or(ConsistencyLoss::kNone);
  const TokenLosses losses = token_losses(one.picked_PD, two.picked_PD, network.head.classifier, labels_P,
                                          {objective.label_smoothing, kind, config.weight, config.backward});
  return {losses.total, losses.ce, losses.consistency};
}

}  // namespace

at::Tensor supervised_loss(const at::Tensor& logits_PC, const at::Tensor& labels_B, const Objective& objective) {
  if (objective.kind == TaskKind::kRegression) return at::mse_loss(logits_PC.squeeze(-1), labels_B);
  return at::cross_entropy_loss(logits_PC, labels_B, {}, at::Reduction::Mean, -100, objective.label_smoothing);
}

Losses training_losses(const Network& network, const DropoutPlan& plan, const Objective& objective,
                       const DeviceBatch& batch, const Draw& draw) {
  const bool language = objective.kind == TaskKind::kGeneration;
  const Prefix prefix = network.prefix(batch, &plan, objective.activation_checkpointing);
  const ConsistencyConfig& config = objective.consistency;
  const ConsistencyLoss kind = config.loss.value_or(ConsistencyLoss::kNone);
  if (kind == ConsistencyLoss::kNone) {
    const Pass pass = run_pass(network, prefix, DropoutScope{&plan, &batch.layout, {draw}}, batch.layout, objective);
    if (language) return language_losses(network, pass, Pass(), batch.labels_B, objective);
    const at::Tensor ce = supervised_loss(pass.logits_PC, batch.labels_B, objective);
    return {ce, ce, at::Tensor()};
  }
  Draw other = draw;
  other.pass = 1;
  DropoutScope scope{&plan, &batch.layout, {draw, std::nullopt}};
  if (kind == ConsistencyLoss::kKl) scope.passes[1] = other;
  const bool both = config.backward == ConsistencyBackward::kBoth;
  // In one batch, the branch without a gradient would still be walked backwards; apart, it costs its forward alone.
  const bool batched = config.passes == ConsistencyPasses::kAuto ? both : config.passes == ConsistencyPasses::kBatched;
  auto [one, two] = (batched ? batched_passes : sequential_passes)(network, prefix, scope, batch, objective);
  if (language) {
    if (!both) two.picked_PD = two.picked_PD.detach();
    return language_losses(network, one, two, batch.labels_B, objective);
  }
  at::Tensor ce = supervised_loss(one.logits_PC, batch.labels_B, objective);
  if (both) {
    ce = (ce + supervised_loss(two.logits_PC, batch.labels_B, objective)) * 0.5;
  } else {
    two = {two.picked_PD.detach(), two.logits_PC.detach()};
  }
  const at::Tensor consistency = consistency_of(one, two, objective);
  return {ce + config.weight * consistency, ce, consistency};
}

}  // namespace hiddenkey
