#include "train/trainer.h"

#include <cstring>

#include "core/error.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "train/make_result.h"

namespace hiddenkey {

Trainer::Trainer(const Job& job, RunFolder& folder, Updates& updates, const RunState& state, const Pause& pause,
                 bool quiet)
    : job_(job),
      folder_(folder),
      updates_(updates),
      state_(state),
      pause_(pause),
      progress_(updates.plan().total_steps, quiet),
      journal_(folder, state.metrics_size, job.config.logging.tensorboard),
      evaluator_(job, folder, journal_, progress_.on()),
      saver_(job, folder, updates, journal_) {}

RunResult Trainer::run() {
  try {
    catch_up();
    show_progress();
    while (!is_at_end() && !is_out_of_patience()) {
      throw_if_stopped();
      do_step();
      if (evaluates_now() && pauses_now()) break;
      show_progress();
    }
    const bool ends_early = !is_at_end() && !pauses_now();
    if (ends_early && state_.measured_step < state_.step && !job_.prompts.empty()) make_texts();
  } catch (const StoppedError&) {
    stop();
  }
  if (pauses_now()) pause();
  return finish();
}

/// Does what was due at the step of a checkpoint and did not come to its end.
void Trainer::catch_up() {
  if (state_.step > 0 && state_.evaluated_step < state_.step && evaluates_now()) evaluate();
  if (state_.step > state_.measured_step && makes_texts_now()) make_texts();
}

/// A step and all that is due after it.
void Trainer::do_step() {
  const at::Tensor loss = updates_.update(state_.step);
  if (progress_.on()) last_loss_.offer(loss);
  folder_.note_step();
  if (job_.device.is_cpu()) check_finite();
  ++state_.step;
  const bool saves = is_due(job_.config.checkpoint.every, state_.step, updates_.plan());
  if (evaluates_now() || saves || is_at_end()) check_finite();
  if (state_.step % job_.config.logging.every == 0 || is_at_end()) {
    const StepLine line = updates_.take_line(state_);
    progress_.clear();
    journal_.write(line);
  }
  if (evaluates_now()) evaluate();
  if (makes_texts_now()) make_texts();
  if (saves) save_checkpoint();
}

void Trainer::check_finite() {
  const std::optional<int64_t> done = updates_.steps_before_failure();
  if (!done) return;
  state_.step = state_.logged_step = *done;
  save_checkpoint();
  throw DivergedError(cat("the loss or its gradient is NaN or Inf at step ", *done + 1,
                          "; the state before it is saved in ", folder_.checkpoints().string(),
                          " (a lower training.learning_rate or a longer warm-up may help)"));
}

void Trainer::evaluate() {
  progress_.clear();
  if (!evaluator_.evaluate(state_)) return;
  if (job_.config.evaluation.keep_best) saver_.save_trained(state_, evaluator_.evaluations());
  saver_.mark_best(state_);
}

void Trainer::make_texts() {
  progress_.clear();
  evaluator_.make_texts(state_);
}

void Trainer::save_checkpoint() { saver_.save_checkpoint(state_, evaluator_.evaluations()); }

void Trainer::show_progress() {
  if (progress_.on()) progress_.show(state_.step, last_loss_.note());
}

bool Trainer::is_at_end() const { return state_.step >= updates_.plan().total_steps; }

bool Trainer::evaluates_now() const { return is_due(job_.config.evaluation.every, state_.step, updates_.plan()); }

bool Trainer::makes_texts_now() const {
  return !job_.prompts.empty() && is_due(job_.config.generation.every, state_.step, updates_.plan());
}

bool Trainer::pauses_now() const { return pause_.is_due(state_.step) && !is_out_of_patience(); }

bool Trainer::is_out_of_patience() const {
  const int64_t patience = job_.config.evaluation.patience;
  return patience > 0 && state_.evaluations_without_best >= patience;
}

void Trainer::stop() {
  progress_.clear();
  check_finite();
  save_checkpoint();
  throw StoppedError(cat("stopped by ", strsignal(stop_signal()), " after step ", state_.step, " of ",
                         updates_.plan().total_steps, "; the state is saved"));
}

void Trainer::pause() {
  progress_.clear();
  journal_.write_pause(state_.step, pause_.share());
  save_checkpoint();
  throw StoppedError(
      cat("paused after step ", state_.step, " of ", updates_.plan().total_steps, ", as --pause-at says"));
}

RunResult Trainer::finish() {
  progress_.clear();
  const RunConfig& config = job_.config;
  if (!is_at_end() && config.checkpoint.every.kind != Interval::Kind::kNever) save_checkpoint();
  const bool keeps_best = config.evaluation.every.kind != Interval::Kind::kNever && config.evaluation.keep_best;
  if (!keeps_best) saver_.save_trained(state_, evaluator_.evaluations());
  return make_result(job_, state_, updates_, evaluator_);
}

}  // namespace hiddenkey
