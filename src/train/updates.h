#pragma once

#include <cstdint>
#include <optional>

#include "run/checkpoint_folder.h"
#include "run/journal.h"
#include "train/job.h"
#include "train/optimizer.h"
#include "train/schedule.h"
#include "train/step_gradient.h"
#include "train/step_interval.h"
#include "train/step_plan.h"
#include "train/step_watch.h"

namespace hiddenkey {

/// The updates of a run: each step's gradient, the optimizer with its schedule, and the sums over the steps since the
/// last logged line.
class Updates {
 public:
  /// ConfigError where CUDA is to be checked and the device is none of it.
  explicit Updates(const Job& job);

  const StepPlan& plan() const { return plan_; }

  /// Does a step and returns its loss, a scalar on the device. Nothing in it waits for the device.
  at::Tensor update(int64_t step);

  /// Whether the loss or the gradient of a step was not finite: how many steps were done before it. From that step on
  /// nothing was changed, and the losses since the last line are forgotten. Waits for the device.
  std::optional<int64_t> steps_before_failure();

  /// The line of the steps since the last one, which `state` counts from then on. Waits for the device.
  StepLine take_line(RunState& state);

  /// Goes on from a checkpoint, whose state is returned. ModelError where its tensors do not fit.
  RunState restore(const FoundCheckpoint& checkpoint);
  /// What a checkpoint needs to go on from here.
  CheckpointTensors tensors() const;
  void put_into(RunState& state) const;

  /// What the step watch has found.
  std::optional<CudaCheck> cuda_check() const { return watch_.found(); }

 private:
  const Job& job_;
  StepPlan plan_;
  Schedule schedule_;
  AdamW optimizer_;
  StepGradient gradient_;
  StepInterval interval_;
  StepWatch watch_;
  int64_t done_ = 0;  ///< by this process
};

}  // namespace hiddenkey
