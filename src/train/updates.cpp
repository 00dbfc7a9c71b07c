#include "train/updates.h"

#include <ATen/core/grad_mode.h>

#include "core/clock.h"
#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

constexpr const char* kSums = "interval.sums";

TensorList named_list(const std::vector<NamedTensor>& tensors) {
  TensorList list;
  for (const NamedTensor& tensor : tensors) list.emplace_back(tensor.name, tensor.tensor);
  return list;
}

}  // namespace

Updates::Updates(const Job& job)
    : job_(job),
      plan_(plan_steps(job.config.training, static_cast<int64_t>(job.train.examples.size()))),
      schedule_(make_schedule(job.config.training, plan_.total_steps)),
      optimizer_(job.trained.tensors(), job.config.training, job.no_decay),
      gradient_(job, plan_),
      interval_(job.device),
      watch_(job.device) {}

at::Tensor Updates::update(int64_t step) {
  const auto start = Clock::now();
  watch_.begin(done_);
  const StepSums sums = gradient_.compute(step, optimizer_);
  const double learning_rate = job_.config.training.learning_rate * schedule_.factor(step);
  interval_.add(sums, optimizer_.step(learning_rate, sums.loss));
  watch_.end(done_++);
  interval_.add_seconds(seconds_since(start));
  return sums.loss;
}

std::optional<int64_t> Updates::steps_before_failure() {
  const auto start = Clock::now();
  const bool failed = optimizer_.failed().item<float>() != 0;
  interval_.add_seconds(seconds_since(start));
  if (!failed) return std::nullopt;
  interval_.clear_losses();
  return static_cast<int64_t>(optimizer_.updates_done().item<float>());
}

StepLine Updates::take_line(RunState& state) {
  StepLine line = interval_.take_line(state.step - state.logged_step);
  line.step = state.step;
  line.total_steps = plan_.total_steps;
  line.epoch = static_cast<double>(state.step) / static_cast<double>(plan_.steps_per_epoch);
  if (*job_.config.consistency.loss == ConsistencyLoss::kNone) line.consistency.reset();
  if (!job_.task->info.makes_text()) line.label_tokens.reset();
  line.learning_rate = job_.config.training.learning_rate * schedule_.factor(state.step - 1);
  state.tokens += line.tokens;
  state.seconds += line.seconds;
  state.logged_step = state.step;
  return line;
}

RunState Updates::restore(const FoundCheckpoint& checkpoint) {
  const at::NoGradGuard guard;
  for (const NamedTensor& trained : optimizer_.trained()) {
    const auto found = checkpoint.trained.find(trained.name);
    if (found == checkpoint.trained.end() || found->second.sizes() != trained.tensor.sizes()) {
      throw ModelError(
          cat(checkpoint.path.string(), ": does not fit this run: ", trained.name, " is missing or of another shape"));
    }
    at::Tensor target = trained.tensor;
    target.copy_(found->second);
  }
  optimizer_.load_state(checkpoint.optimizer);
  RunState state = checkpoint.state;
  interval_.take_from(state, checkpoint.optimizer.at(kSums));
  if (state.micro_batch_size > 0) gradient_.set_micro_batch_size(state.micro_batch_size);
  return state;
}

CheckpointTensors Updates::tensors() const {
  CheckpointTensors tensors{named_list(optimizer_.trained()), optimizer_.state()};
  tensors.optimizer.emplace_back(kSums, interval_.sums());
  return tensors;
}

void Updates::put_into(RunState& state) const {
  interval_.put_into(state);
  state.micro_batch_size = gradient_.micro_batch_size();
}

}  // namespace hiddenkey
