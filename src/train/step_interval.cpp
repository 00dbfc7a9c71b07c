#include "train/step_interval.h"

#include "core/clock.h"

namespace hiddenkey {

StepInterval::StepInterval(at::Device device) : sums_(at::zeros({3}, at::TensorOptions(at::kDouble).device(device))) {}

void StepInterval::add(const StepSums& step, const at::Tensor& grad_norm) {
  for (const auto& [means, share] : step.means) sums_.add_(means, share);
  tokens_ += step.tokens;
  label_tokens_ += step.label_tokens;
  grad_norm_ = grad_norm;
}

StepLine StepInterval::take_line(int64_t steps) {
  const auto start = Clock::now();
  const at::Tensor means = (sums_ / static_cast<double>(steps)).cpu();
  StepLine line;
  line.loss = means[0].item<double>();
  line.ce = means[1].item<double>();
  line.consistency = means[2].item<double>();
  line.grad_norm = grad_norm_.item<double>();
  seconds_ += seconds_since(start);
  line.tokens = tokens_;
  line.label_tokens = label_tokens_;
  line.seconds = seconds_;
  tokens_ = label_tokens_ = 0;
  seconds_ = 0;
  sums_.zero_();
  return line;
}

void StepInterval::put_into(RunState& state) const {
  state.tokens += tokens_;
  state.seconds += seconds_;
  state.interval_tokens = tokens_;
  state.interval_label_tokens = label_tokens_;
  state.interval_seconds = seconds_;
}

void StepInterval::take_from(RunState& state, const at::Tensor& sums) {
  sums_.copy_(sums);
  tokens_ = state.interval_tokens;
  label_tokens_ = state.interval_label_tokens;
  seconds_ = state.interval_seconds;
  state.tokens -= tokens_;
  state.seconds -= seconds_;
}

}  // namespace hiddenkey
