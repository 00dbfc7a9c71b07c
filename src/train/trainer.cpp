#include "train/trainer.h"

#include <ATen/core/grad_mode.h>

#include <cstdio>
#include <cstring>

#include "core/clock.h"
#include "core/error.h"
#include "core/log.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "task/text_metrics.h"
#include "train/best.h"
#include "train/result_files.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

TensorList named(const std::vector<NamedTensor>& tensors) {
  TensorList list;
  for (const NamedTensor& tensor : tensors) list.emplace_back(tensor.name, tensor.tensor);
  return list;
}

constexpr const char* kSums = "interval.sums";

}  // namespace

Trainer::Trainer(Job& job, RunFolder& folder, const RunIdentity& identity, bool quiet)
    : job_(job),
      folder_(folder),
      checkpoints_(folder.checkpoints(), job.config.checkpoint.keep),
      plan_(plan_steps(job.config.training, static_cast<int64_t>(job.train.examples.size()))),
      schedule_(make_schedule(job.config.training, plan_.total_steps)),
      optimizer_(job.trained.tensors(), job.config.training, job.no_decay),
      gradient_(job, plan_),
      interval_(job.device),
      progress_(plan_.total_steps, quiet),
      evaluator_(job, progress_.on()),
      watch_(job.device) {
  state_.identity = identity;
}

void Trainer::restore(const FoundCheckpoint& checkpoint) {
  const at::NoGradGuard guard;
  check_identity(checkpoint, state_.identity);
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
  state_ = checkpoint.state;
  interval_.take_from(state_, checkpoint.optimizer.at(kSums));
  if (state_.micro_batch_size > 0) gradient_.set_micro_batch_size(state_.micro_batch_size);
  log::info(cat("resumed after step ", state_.step, " of ", plan_.total_steps));
}

void Trainer::pause_at(double share) {
  if (job_.config.evaluation.every.kind == Interval::Kind::kNever)
    throw ConfigError("--pause-at: a run pauses after an evaluation, and evaluation.every is never");
  pause_at_ = share;
  if (state_.step > 0 && is_behind_pause())
    throw ConfigError(cat("--pause-at: ", format_number(share), " of the steps are done already, ", state_.step, " of ",
                          plan_.total_steps));
}

Json Trainer::run() {
  journal_.emplace(folder_, state_.metrics_size, job_.config.logging.tensorboard);
  try {
    const bool pending = state_.step > 0 && state_.evaluated_step < state_.step &&
                         is_due(job_.config.evaluation.every, state_.step, plan_);
    if (pending) evaluate();
    if (state_.step > state_.measured_step && text_is_due()) make_texts();
    show_progress();
    while (state_.step < plan_.total_steps && !has_run_out_of_patience()) {
      throw_if_stopped();
      train_step(state_.step);
      folder_.note_step();
      if (job_.device.is_cpu()) check_finite();
      ++state_.step;
      const bool evaluate_now = is_due(job_.config.evaluation.every, state_.step, plan_);
      const bool save_now = is_due(job_.config.checkpoint.every, state_.step, plan_);
      const bool last = state_.step == plan_.total_steps;
      if (evaluate_now || save_now || last) check_finite();
      if (state_.step % job_.config.logging.every == 0 || last) log_interval();
      if (evaluate_now) evaluate();
      if (text_is_due()) make_texts();
      if (save_now) save_checkpoint();
      if (evaluate_now && pause_is_due()) break;
      show_progress();
    }
    const bool stopped_early = state_.step < plan_.total_steps && !pause_is_due();
    if (stopped_early && state_.measured_step < state_.step && !job_.prompts.empty()) make_texts();
  } catch (const StoppedError&) {
    stop();
  }
  if (pause_is_due()) pause();
  return finish();
}

Json Trainer::finish() {
  progress_.clear();
  const bool stopped_early = state_.step < plan_.total_steps;
  if (stopped_early && job_.config.checkpoint.every.kind != Interval::Kind::kNever) save_checkpoint();
  const bool keeps_best =
      job_.config.evaluation.every.kind != Interval::Kind::kNever && job_.config.evaluation.keep_best;
  if (!keeps_best) save_trained(last_evaluations_);
  Json result = run_result(job_, state_, plan_.total_steps, last_evaluations_, last_text_);
  if (const Json check = watch_.found(); !check.is_null()) result["cuda_check"] = check;
  return result;
}

void Trainer::show_progress() {
  if (!progress_.on()) return;
  const std::optional<double> loss = last_loss_.value();
  char note[64] = "";
  if (loss) std::snprintf(note, sizeof note, "loss %.4f", *loss);
  progress_.show(state_.step, note);
}

void Trainer::train_step(int64_t step) {
  const auto start = Clock::now();
  watch_.begin(steps_done_);
  const StepSums step_sums = gradient_.compute(step, optimizer_);
  const double learning_rate = job_.config.training.learning_rate * schedule_.factor(step);
  interval_.add(step_sums, optimizer_.step(learning_rate, step_sums.loss));
  watch_.end(steps_done_++);
  if (progress_.on()) last_loss_.offer(step_sums.loss);
  interval_.add_seconds(seconds_since(start));
}

void Trainer::check_finite() {
  const auto start = Clock::now();
  const bool failed = optimizer_.failed().item<float>() != 0;
  interval_.add_seconds(seconds_since(start));
  if (!failed) return;
  // Nothing was changed from the first bad step on: the optimizer's own count says where that was.
  const at::Tensor done = optimizer_.state()[2].second;
  const int64_t step = done.item<float>() > 0 ? static_cast<int64_t>(done.item<float>()) : 0;
  state_.step = step;
  interval_.clear_losses();
  state_.logged_step = step;
  save_checkpoint();
  throw DivergedError(cat("the loss or its gradient is NaN or Inf at step ", step + 1,
                          "; the state before it is saved in ", folder_.checkpoints().string(),
                          " (a lower training.learning_rate or a longer warm-up may help)"));
}

void Trainer::log_interval() {
  StepLine line = interval_.take_line(state_.step - state_.logged_step);
  line.step = state_.step;
  line.total_steps = plan_.total_steps;
  line.epoch = static_cast<double>(state_.step) / static_cast<double>(plan_.steps_per_epoch);
  if (*job_.config.consistency.loss == ConsistencyLoss::kNone) line.consistency.reset();
  if (job_.task->info.kind != TaskKind::kGeneration) line.label_tokens.reset();
  line.learning_rate = job_.config.training.learning_rate * schedule_.factor(state_.step - 1);
  progress_.clear();
  journal_->write(line);
  state_.tokens += line.tokens;
  state_.seconds += line.seconds;
  state_.logged_step = state_.step;
}

void Trainer::evaluate() {
  progress_.clear();
  last_evaluations_ = evaluator_.evaluate();
  state_.evaluated_step = state_.step;
  for (const Evaluation& evaluation : last_evaluations_) journal_->write(evaluation, state_.step);
  const std::string& metric = job_.task->info.metric;
  if (!note_evaluation(metric, last_evaluations_.front().metric(metric), state_)) return;
  if (job_.config.evaluation.keep_best) save_trained(last_evaluations_);
  mark_best();
}

bool Trainer::text_is_due() const {
  return !job_.prompts.empty() && is_due(job_.config.generation.every, state_.step, plan_);
}

void Trainer::make_texts() {
  progress_.clear();
  const auto start = Clock::now();
  const TextEvaluation text = evaluator_.make_texts();
  state_.measured_step = state_.step;
  journal_->write(text, state_.step, seconds_since(start));
  write_generations(folder_.generations("dev"), job_.prompts, text);
  last_text_ = {
      {"step", state_.step}, {"split", "dev"}, {"prompts", text.segments.size()}, {"metrics", metrics_json(text)}};
}

void Trainer::mark_best() {
  if (state_.best_metric)
    checkpoints_.mark_best(state_.best_step,
                           cat(job_.task->info.metric, " ", format_number(*state_.best_metric), "\n"));
}

bool Trainer::has_run_out_of_patience() const {
  const int64_t patience = job_.config.evaluation.patience;
  return patience > 0 && state_.evaluations_without_best >= patience;
}

SavedTask Trainer::saved_task(const std::vector<Evaluation>& evaluations) const {
  Json metrics = Json::object();
  for (const Evaluation& evaluation : evaluations) metrics[evaluation.split] = metrics_json(evaluation);
  SavedTask task;
  task.config = job_.config.task;
  task.info = job_.task->info;
  task.max_length = job_.config.training.max_length;
  task.base = fs::absolute(job_.config.model.path).lexically_normal().string();
  task.base_checksum = state_.identity.at(kBaseWeights);
  task.training = {{"step", state_.step},
                   {"metrics", metrics},
                   {"dropout", job_.plan.describe()},
                   {"seed", job_.config.training.seed}};
  return task;
}

void Trainer::save_trained(const std::vector<Evaluation>& evaluations) {
  write_trained(job_, folder_, saved_task(evaluations), evaluations);
}

void Trainer::save_checkpoint() {
  state_.metrics_size = journal_->saved_size();
  state_.micro_batch_size = gradient_.micro_batch_size();
  RunState state = state_;
  interval_.put_into(state);
  CheckpointTensors tensors{named(optimizer_.trained()), optimizer_.state()};
  tensors.optimizer.emplace_back(kSums, interval_.sums());
  const bool measured = state.evaluated_step == state.step;
  checkpoints_.write(state, tensors, saved_task(measured ? last_evaluations_ : std::vector<Evaluation>()));
  folder_.note_saved();
  mark_best();
}

/// The product may be a little above a whole number that it would be without rounding.
bool Trainer::is_behind_pause() const {
  return pause_at_ && static_cast<double>(state_.step) >= *pause_at_ * static_cast<double>(plan_.total_steps) - 1e-6;
}

/// A run that is at its end anyway ends.
bool Trainer::pause_is_due() const {
  return is_behind_pause() && state_.step < plan_.total_steps && !has_run_out_of_patience();
}

void Trainer::pause() {
  progress_.clear();
  journal_->write_pause(state_.step, *pause_at_);
  save_checkpoint();
  throw StoppedError(cat("paused after step ", state_.step, " of ", plan_.total_steps, ", as --pause-at says"));
}

void Trainer::stop() {
  progress_.clear();
  check_finite();
  save_checkpoint();
  throw StoppedError(cat("stopped by ", strsignal(stop_signal()), " after step ", state_.step, " of ",
                         plan_.total_steps, "; the state is saved"));
}

}  // namespace hiddenkey
