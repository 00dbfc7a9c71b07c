#include "train/time_estimate.h"

#include <algorithm>

#include "core/clock.h"
#include "core/stop_signal.h"
#include "train/optimizer.h"
#include "train/step_gradient.h"
#include "train/step_plan.h"

namespace hiddenkey {
namespace {

/// What was measured is longer than this, unless a few steps of it took less.
constexpr double kEnough = 1.0;
constexpr int64_t kMostSteps = 20;

/// Seconds for each token of a training step.
class StepTimer {
 public:
  StepTimer(Job& job, const StepPlan& plan)
      : optimizer_(job.trained.tensors(), job.config.training, job.no_decay),
        gradient_(job, plan),
        steps_(plan.total_steps) {}

  /// The first step, which makes kernels ready, counts where it is the only one or takes long by itself.
  double seconds_per_token() {
    const double first = run(0);
    if (steps_ == 1 || first > kEnough * 5) return first / static_cast<double>(tokens_);
    tokens_ = 0;
    double seconds = 0;
    for (int64_t step = 1; step < std::min(steps_, kMostSteps) && seconds < kEnough && !stop_requested(); ++step)
      seconds += run(step);
    return tokens_ > 0 ? seconds / static_cast<double>(tokens_) : 0;
  }

 private:
  double run(int64_t step) {
    const auto start = Clock::now();
    const StepSums sums = gradient_.compute(step, optimizer_);
    optimizer_.step(0, sums.loss).item<double>();  // waits for a GPU
    tokens_ += sums.tokens;
    return seconds_since(start);
  }

  AdamW optimizer_;
  StepGradient gradient_;
  int64_t steps_, tokens_ = 0;
};

/// Of the first batches of the split, for as long as all of it would take.
double evaluation_seconds(const Job& job, const Dataset& dataset) {
  const int64_t batch = job.config.evaluation.batch_size;
  const auto count = std::min<std::size_t>(dataset.examples.size(), static_cast<std::size_t>(4 * batch));
  Dataset some;
  some.split = dataset.split;
  some.examples.assign(dataset.examples.begin(), dataset.examples.begin() + static_cast<std::ptrdiff_t>(count));
  int64_t tokens = 0;
  for (const TokenExample& example : some.examples) tokens += static_cast<int64_t>(example.ids.size());
  const auto start = Clock::now();
  try {
    job.task->evaluate(job.model->network, some, {batch, job.device, {.progress = {}, .stopped = stop_requested}});
  } catch (const StoppedError&) {  // estimate_time asks for that itself
    return 0;
  }
  return tokens == 0 ? 0 : seconds_since(start) * static_cast<double>(dataset.tokens) / static_cast<double>(tokens);
}

int64_t count_evaluations(const Job& job, const StepPlan& plan) {
  int64_t count = 0;
  for (int64_t step = 1; step <= plan.total_steps; ++step) count += is_due(job.config.evaluation.every, step, plan);
  return job.evaluation.empty() ? 0 : count;
}

}  // namespace

std::optional<TimeEstimate> estimate_time(Job& job) {
  const StepPlan plan = plan_steps(job.config.training, static_cast<int64_t>(job.train.examples.size()));
  const double tokens_per_step = static_cast<double>(job.train.tokens) / static_cast<double>(plan.steps_per_epoch);
  TimeEstimate estimate;
  for (const Dataset& dataset : job.evaluation) estimate.evaluation_seconds += evaluation_seconds(job, dataset);
  estimate.evaluations = count_evaluations(job, plan);
  estimate.step_seconds = StepTimer(job, plan).seconds_per_token() * tokens_per_step;
  if (stop_requested()) return std::nullopt;
  estimate.total_seconds = static_cast<double>(plan.total_steps) * estimate.step_seconds +
                           static_cast<double>(estimate.evaluations) * estimate.evaluation_seconds;
  return estimate;
}

}  // namespace hiddenkey
