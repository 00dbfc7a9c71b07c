#include "task/training_losses.h"

#include <ATen/core/grad_mode.h>

namespace hiddenkey {
namespace {

/// What every pass of one micro-batch has in common.
struct Passes {
  const Task& task;
  const Network& network;
  const Objective& objective;
  const Prefix& prefix;

  Pass run(const Prefix& from, const DropoutScope& scope, const PackedLayout& layout) const {
    return task.read_head(network.head, network.finish(from, scope, layout, objective.activation_checkpointing), scope);
  }
};

/// Both passes as one batch of 2B sequences.
std::pair<Pass, Pass> batched_passes(const Passes& passes, const DropoutScope& scope, const DeviceBatch& batch) {
  const Pass both = passes.run(passes.prefix.twice(), scope, twice(batch.layout));
  const auto half = [](const at::Tensor& x, int64_t i) { return x.defined() ? x.chunk(2)[i] : x; };
  return {{half(both.picked_PD, 0), half(both.logits_PC, 0)}, {half(both.picked_PD, 1), half(both.logits_PC, 1)}};
}

/// One after the other. A second pass that nobody differentiates leaves no tape.
std::pair<Pass, Pass> sequential_passes(const Passes& passes, const DropoutScope& scope, const DeviceBatch& batch) {
  const DropoutScope one{scope.plan, scope.layout, {scope.passes[0]}};
  const DropoutScope two = scope.passes[1] ? DropoutScope{scope.plan, scope.layout, {scope.passes[1]}} : DropoutScope{};
  const Pass first = passes.run(passes.prefix, one, batch.layout);
  const at::AutoGradMode record(passes.objective.consistency.backward == ConsistencyBackward::kBoth);
  return {first, passes.run(passes.prefix, two, batch.layout)};
}

}  // namespace

Losses training_losses(const Task& task, const Network& network, const DropoutPlan& plan, const Objective& objective,
                       const DeviceBatch& batch, const Draw& draw) {
  const Prefix prefix = network.prefix(batch, &plan, objective.activation_checkpointing);
  const Passes passes{task, network, objective, prefix};
  const ConsistencyConfig& config = objective.consistency;
  const ConsistencyLoss kind = config.loss.value_or(ConsistencyLoss::kNone);
  if (kind == ConsistencyLoss::kNone) {
    const Pass pass = passes.run(prefix, DropoutScope{&plan, &batch.layout, {draw}}, batch.layout);
    return task.losses(network.head, pass, nullptr, batch, objective);
  }
  Draw other = draw;
  other.pass = 1;
  DropoutScope scope{&plan, &batch.layout, {draw, std::nullopt}};
  if (kind == ConsistencyLoss::kKl) scope.passes[1] = other;
  const bool both = config.backward == ConsistencyBackward::kBoth;
  // In one batch, the branch without a gradient would still be walked backwards; apart, it costs its forward alone.
  const bool batched = config.passes == ConsistencyPasses::kAuto ? both : config.passes == ConsistencyPasses::kBatched;
  auto [one, two] = (batched ? batched_passes : sequential_passes)(passes, scope, batch);
  if (!both) {
    for (at::Tensor* tensor : {&two.picked_PD, &two.logits_PC}) {
      if (tensor->defined()) *tensor = tensor->detach();
    }
  }
  return task.losses(network.head, one, &two, batch, objective);
}

}  // namespace hiddenkey
