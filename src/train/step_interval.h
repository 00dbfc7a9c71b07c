#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "run/checkpoint_folder.h"
#include "run/journal.h"
#include "train/step_gradient.h"

namespace hiddenkey {

/// The sums over the steps since the last line of metrics.jsonl. Those of the losses stay on the device until a line is
/// written: a step never waits for the one before.
class StepInterval {
 public:
  explicit StepInterval(at::Device device);

  /// Counts a step: its losses, its tokens, and the norm of its gradient, a scalar on the device.
  void add(const StepSums& step, const at::Tensor& grad_norm);
  void add_seconds(double seconds) { seconds_ += seconds; }
  /// Forgets the losses.
  void clear_losses() { sums_.zero_(); }

  /// The means over `steps` steps and the other sums, which begin anew. Waits for the device.
  StepLine take_line(int64_t steps);

  int64_t tokens() const { return tokens_; }
  double seconds() const { return seconds_; }

  /// float64 [3] on the device: loss, CE, consistency.
  const at::Tensor& sums() const { return sums_; }
  /// Adds what is counted here to a state that is saved, and takes it back out of one that was.
  void put_into(RunState& state) const;
  void take_from(RunState& state, const at::Tensor& sums);

 private:
  at::Tensor sums_, grad_norm_;
  int64_t tokens_ = 0, label_tokens_ = 0;
  double seconds_ = 0;
};

}  // namespace hiddenkey
