#include "train/step_gradient.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "task/training_losses.h"
#include "train/out_of_memory.h"

namespace hiddenkey {
namespace {

using Indices = std::span<const int64_t>;

std::vector<Indices> split_into(const std::vector<Indices>& batches, int64_t size) {
  std::vector<Indices> parts;
  for (Indices rest : batches) {
    while (!rest.empty()) {
      const std::size_t count = std::min(rest.size(), static_cast<std::size_t>(size));
      parts.push_back(rest.first(count));
      rest = rest.subspan(count);
    }
  }
  return parts;
}

}  // namespace

std::vector<Indices> StepGradient::batches_of(int64_t step) {
  const TrainingConfig& config = job_.config.training;
  const int64_t epoch = step / plan_.steps_per_epoch;
  if (epoch != epoch_) {
    batches_ =
        epoch_batches(job_.train, config.batch_size, config.length_grouping, static_cast<uint64_t>(config.seed), epoch);
    epoch_ = epoch;
  }
  const int64_t first = step % plan_.steps_per_epoch * config.gradient_accumulation;
  const int64_t last = std::min(first + config.gradient_accumulation, plan_.batches_per_epoch);
  return {batches_.begin() + first, batches_.begin() + last};
}

Objective StepGradient::objective_of(const std::vector<Indices>& micro_batches, int64_t units) const {
  Objective objective = job_.objective;
  if (objective.class_weights.empty()) return objective;
  double weight = 0;
  for (const Indices& indices : micro_batches) {
    for (const int64_t index : indices)
      weight += job_.task->weight_of(job_.train.examples[static_cast<std::size_t>(index)], objective.class_weights);
  }
  objective.mean_weight = weight / static_cast<double>(units);
  return objective;
}

StepSums StepGradient::accumulate(int64_t step, const std::vector<Indices>& micro_batches) const {
  int64_t units = 0;
  for (const Indices& indices : micro_batches) units += loss_units(job_.train, indices);
  const Objective objective = objective_of(micro_batches, units);
  StepSums sums;
  for (std::size_t i = 0; i < micro_batches.size(); ++i) {
    const PackedBatch packed = pack(job_.train, micro_batches[i]);
    const DeviceBatch batch = to_device(packed, *job_.task, job_.model->hub.architecture, job_.device);
    const Draw draw{static_cast<uint64_t>(job_.config.training.seed), step, static_cast<int64_t>(i), 0};
    const Losses losses = training_losses(*job_.task, job_.model->network, job_.plan, objective, batch, draw);
    // A micro-batch counts by its examples or labelled tokens, so that the sum of the gradients is that of the large
    // batch.
    const double share = static_cast<double>(packed.loss_units()) / static_cast<double>(units);
    const at::Tensor loss = losses.total * share;
    loss.backward();
    const at::NoGradGuard guard;
    sums.loss = sums.loss.defined() ? sums.loss + loss : loss.detach();
    const at::Tensor consistency =
        losses.consistency.defined() ? losses.consistency.detach() : at::zeros_like(losses.ce);
    sums.means.emplace_back(at::stack({losses.total.detach(), losses.ce.detach(), consistency}), share);
    sums.tokens += packed.tokens();
    sums.label_tokens += static_cast<int64_t>(packed.targets.size());
  }
  return sums;
}

StepSums StepGradient::compute(int64_t step, AdamW& optimizer) {
  const std::vector<Indices> batches = batches_of(step);
  StepSums sums;
  micro_batch_size_ = with_halving(micro_batch_size_, "a step", job_.device, [&](int64_t size) {
    optimizer.zero_grad();
    sums = accumulate(step, split_into(batches, size));
  });
  return sums;
}

}  // namespace hiddenkey
