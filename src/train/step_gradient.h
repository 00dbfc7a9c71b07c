#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "train/job.h"
#include "train/optimizer.h"
#include "train/step_plan.h"

namespace hiddenkey {

/// What the micro-batches of one step come to.
struct StepSums {
  at::Tensor loss;  ///< of the whole step, a scalar on the device
  std::vector<std::pair<at::Tensor, double>>
      means;  ///< [3] loss, CE and consistency of each micro-batch, and its share
  int64_t tokens = 0;
  int64_t label_tokens = 0;
};

/// Computes the gradient of each training step, one micro-batch after the other.
class StepGradient {
 public:
  StepGradient(const Job& job, const StepPlan& plan)
      : job_(job), plan_(plan), micro_batch_size_(job.config.training.batch_size) {}

  /// Leaves the gradient of the step's mean loss in the trained tensors. Where memory runs out the step begins again
  /// with micro-batches of half the size, which changes which units are dropped and nothing else: the gradient is still
  /// that of the whole batch.
  StepSums compute(int64_t step, AdamW& optimizer);

  /// Examples at a time: training.batch_size until memory runs out.
  int64_t micro_batch_size() const { return micro_batch_size_; }
  void set_micro_batch_size(int64_t size) { micro_batch_size_ = size; }

 private:
  using Indices = std::span<const int64_t>;

  std::vector<Indices> batches_of(int64_t step);
  /// How the losses of these micro-batches are computed: with the mean weight of all their labels.
  Objective objective_of(const std::vector<Indices>& micro_batches, int64_t units) const;
  StepSums accumulate(int64_t step, const std::vector<Indices>& micro_batches) const;

  const Job& job_;
  StepPlan plan_;
  int64_t micro_batch_size_;
  std::vector<std::vector<int64_t>> batches_;  ///< of epoch_
  int64_t epoch_ = -1;
};

}  // namespace hiddenkey
