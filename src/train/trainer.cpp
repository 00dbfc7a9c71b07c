#include "train/trainer.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "core/clock.h"
#include "core/error.h"
#include "core/log.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "task/text_metrics.h"
#include "train/out_of_memory.h"
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
      optimizer_(job.trained.tensors, job.config.training, job.no_decay),
      gradient_(job, plan_),
      progress_(plan_.total_steps, quiet),
      watch_(job.device),
      evaluation_batch_size_(job.config.evaluation.batch_size),
      text_batch_size_(job.config.generation.batch_size),
      sums_(at::zeros({3}, at::TensorOptions(at::kDouble).device(job.device))) {
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
  sums_.copy_(checkpoint.optimizer.at(kSums));
  state_ = checkpoint.state;
  interval_tokens_ = state_.interval_tokens;
  interval_label_tokens_ = state_.interval_label_tokens;
  interval_seconds_ = state_.interval_seconds;
  state_.tokens -= interval_tokens_;
  state_.seconds -= interval_seconds_;
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
  const bool pending = state_.step > 0 && state_.evaluated_step < state_.step &&
                       is_due(job_.config.evaluation.every, state_.step, plan_);
  if (pending) evaluate_all();
  if (state_.step > state_.measured_step && text_is_due()) measure_text();
  show_progress();
  while (state_.step < plan_.total_steps && !has_run_out_of_patience()) {
    if (stop_requested()) stop();
    train_step(state_.step);
    folder_.note_step();
    if (job_.device.is_cpu()) check_finite();
    ++state_.step;
    const bool evaluate_now = is_due(job_.config.evaluation.every, state_.step, plan_);
    const bool save_now = is_due(job_.config.checkpoint.every, state_.step, plan_);
    const bool last = state_.step == plan_.total_steps;
    if (evaluate_now || save_now || last) check_finite();
    if (state_.step % job_.config.logging.every == 0 || last) log_interval();
    if (evaluate_now) evaluate_all();
    if (text_is_due()) measure_text();
    if (save_now) save_checkpoint();
    if (evaluate_now && pause_is_due()) pause();
    show_progress();
  }
  progress_.clear();
  const bool stopped_early = state_.step < plan_.total_steps;
  if (stopped_early && state_.measured_step < state_.step && !job_.prompts.empty()) measure_text();
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
  for (const auto& [means, share] : step_sums.means) sums_.add_(means, share);
  interval_tokens_ += step_sums.tokens;
  interval_label_tokens_ += step_sums.label_tokens;
  const double learning_rate = job_.config.training.learning_rate * schedule_.factor(step);
  grad_norm_ = optimizer_.step(learning_rate, step_sums.loss);
  watch_.end(steps_done_++);
  if (progress_.on()) last_loss_.offer(step_sums.loss);
  interval_seconds_ += seconds_since(start);
}

void Trainer::check_finite() {
  const auto start = Clock::now();
  const bool failed = optimizer_.failed().item<float>() != 0;
  interval_seconds_ += seconds_since(start);
  if (!failed) return;
  // Nothing was changed from the first bad step on: the optimizer's own count says where that was.
  const at::Tensor done = optimizer_.state()[2].second;
  const int64_t step = done.item<float>() > 0 ? static_cast<int64_t>(done.item<float>()) : 0;
  state_.step = step;
  sums_.zero_();
  state_.logged_step = step;
  save_checkpoint();
  throw DivergedError(cat("the loss or its gradient is NaN or Inf at step ", step + 1,
                          "; the state before it is saved in ", folder_.checkpoints().string(),
                          " (a lower training.learning_rate or a longer warm-up may help)"));
}

void Trainer::log_interval() {
  const auto steps = static_cast<double>(state_.step - state_.logged_step);
  const auto start = Clock::now();
  const at::Tensor means = (sums_ / steps).cpu();
  const double loss = means[0].item<double>(), ce = means[1].item<double>(), consistency = means[2].item<double>();
  const double norm = grad_norm_.item<double>();
  interval_seconds_ += seconds_since(start);
  StepLine line;
  line.step = state_.step;
  line.total_steps = plan_.total_steps;
  line.epoch = static_cast<double>(state_.step) / static_cast<double>(plan_.steps_per_epoch);
  line.loss = loss;
  line.ce = ce;
  if (*job_.config.consistency.loss != ConsistencyLoss::kNone) line.consistency = consistency;
  line.learning_rate = job_.config.training.learning_rate * schedule_.factor(state_.step - 1);
  line.grad_norm = norm;
  line.tokens = interval_tokens_;
  if (job_.task->info.kind == TaskKind::kGeneration) line.label_tokens = interval_label_tokens_;
  line.seconds = interval_seconds_;
  progress_.clear();
  journal_->write(line);
  state_.tokens += interval_tokens_;
  state_.seconds += interval_seconds_;
  state_.logged_step = state_.step;
  interval_tokens_ = 0;
  interval_label_tokens_ = 0;
  interval_seconds_ = 0;
  sums_.zero_();
}

void Trainer::evaluate_all() {
  progress_.clear();
  std::vector<Evaluation> evaluations;
  for (const Dataset& dataset : job_.evaluation) {
    Progress bar(static_cast<int64_t>(dataset.examples.size()), !progress_.on());
    const Watch watch{.progress = bar.reporter(dataset.split + " examples"), .stopped = stop_requested};
    Evaluation evaluation;
    try {
      evaluation_batch_size_ =
          with_halving(evaluation_batch_size_, "the evaluation", job_.device, [&](int64_t batch_size) {
            evaluation = job_.task->evaluate(job_.model->network, dataset, {batch_size, job_.device, watch});
          });
    } catch (const StoppedError&) {
      stop();
    }
    evaluations.push_back(std::move(evaluation));
  }
  state_.evaluated_step = state_.step;
  for (const Evaluation& evaluation : evaluations) journal_->write(evaluation, state_.step);
  note_best(evaluations.front(), evaluations);
  last_evaluations_ = std::move(evaluations);
}

bool Trainer::text_is_due() const {
  return !job_.prompts.empty() && is_due(job_.config.generation.every, state_.step, plan_);
}

void Trainer::measure_text() {
  const RunConfig& config = job_.config;
  const Generator generator(job_.model->network, *job_.tokenizer, job_.generation.options, job_.generation.end_ids);
  progress_.clear();
  Progress bar(static_cast<int64_t>(job_.prompts.size()), !progress_.on());
  TextEvaluationOptions options = text_options(config);
  options.watch.progress = bar.reporter("dev texts");
  TextEvaluation text;
  const auto start = Clock::now();
  try {
    text_batch_size_ = with_halving(text_batch_size_, "the making of text", job_.device, [&](int64_t batch_size) {
      options.batch_size = batch_size;
      text = evaluate_text(generator, *job_.tokenizer, job_.prompts, options);
    });
  } catch (const StoppedError&) {
    stop();
  }
  bar.clear();
  state_.measured_step = state_.step;
  journal_->write(text, state_.step, seconds_since(start));
  write_generations(folder_.generations("dev"), job_.prompts, text);
  last_text_ = {
      {"step", state_.step}, {"split", "dev"}, {"prompts", text.segments.size()}, {"metrics", metrics_json(text)}};
}

void Trainer::note_best(const Evaluation& first, const std::vector<Evaluation>& all) {
  const std::string& metric = job_.task->info.metric;
  const double value = first.metric(metric);
  if (!is_better(metric, value, state_.best_metric)) {
    ++state_.evaluations_without_best;
    return;
  }
  if (std::isfinite(value)) state_.best_metric = value;
  state_.best_step = state_.step;
  state_.evaluations_without_best = 0;
  if (job_.config.evaluation.keep_best) save_trained(all);
  mark_best();
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
  state.tokens += interval_tokens_;
  state.seconds += interval_seconds_;
  state.interval_tokens = interval_tokens_;
  state.interval_label_tokens = interval_label_tokens_;
  state.interval_seconds = interval_seconds_;
  CheckpointTensors tensors{named(optimizer_.trained()), optimizer_.state()};
  tensors.optimizer.emplace_back(kSums, sums_);
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
