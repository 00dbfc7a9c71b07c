#include "train/trainer.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "data/prediction_file.h"
#include "eval/text_metrics.h"
#include "model/write_model.h"
#include "train/device.h"
#include "train/device_batch.h"
#include "train/saved_task.h"
#include "train/stop_signal.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

bool smaller_is_better(const std::string& metric) {
  return metric == "loss" || metric == "mse" || metric == "perplexity";
}

TensorList named(const std::vector<NamedTensor>& tensors) {
  TensorList list;
  for (const NamedTensor& tensor : tensors) list.emplace_back(tensor.name, tensor.tensor);
  return list;
}

constexpr const char* kSums = "interval.sums";

}  // namespace

Trainer::Trainer(Job& job, const RunFolder& folder, const std::string& base_checksum, bool quiet)
    : job_(job),
      folder_(folder),
      base_checksum_(base_checksum),
      plan_(plan_steps(job.config.training, static_cast<int64_t>(job.train.examples.size()))),
      schedule_(make_schedule(job.config.training, plan_.total_steps)),
      optimizer_(job.trained.tensors, job.config.training, job.no_decay),
      progress_(plan_.total_steps, quiet),
      sums_(at::zeros({3}, at::TensorOptions(at::kDouble).device(job.device))) {
  state_.data_checksum = dataset_checksum(job.train);
}

void Trainer::restore(const FoundCheckpoint& checkpoint) {
  const at::NoGradGuard guard;
  if (checkpoint.state.data_checksum != state_.data_checksum) {
    throw ConfigError(
        cat(checkpoint.path.string(), ": was made with other training data; take --overwrite to start anew"));
  }
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
  log::info(cat("resumed after step ", state_.step, " of ", plan_.total_steps));
}

Json Trainer::run() {
  journal_.emplace(folder_, state_.metrics_size, job_.config.logging.tensorboard);
  const bool pending = state_.step > 0 && state_.evaluated_step < state_.step &&
                       is_due(job_.config.evaluation.every, state_.step, plan_);
  if (pending && !evaluate_all()) stop();
  if (state_.step > state_.measured_step && text_is_due()) measure_text();
  while (state_.step < plan_.total_steps && !has_run_out_of_patience()) {
    if (stop_requested()) stop();
    train_step(state_.step);
    if (job_.device.is_cpu()) check_finite();
    ++state_.step;
    const bool evaluate_now = is_due(job_.config.evaluation.every, state_.step, plan_);
    const bool save_now = is_due(job_.config.checkpoint.every, state_.step, plan_);
    const bool last = state_.step == plan_.total_steps;
    if (evaluate_now || save_now || last) check_finite();
    if (state_.step % job_.config.logging.every == 0 || last) log_interval();
    if (evaluate_now && !evaluate_all()) stop();
    if (text_is_due()) measure_text();
    if (save_now) save_checkpoint();
    progress_.show(state_.step, last_note_);
  }
  progress_.clear();
  const bool stopped_early = state_.step < plan_.total_steps && state_.measured_step < state_.step;
  if (stopped_early && !job_.prompts.empty()) measure_text();
  const bool nothing_kept =
      job_.config.evaluation.every.kind == Interval::Kind::kNever || !job_.config.evaluation.keep_best;
  if (nothing_kept) save_result_model(last_evaluations_);
  return result();
}

void Trainer::train_step(int64_t step) {
  const auto start = Clock::now();
  const TrainingConfig& config = job_.config.training;
  const int64_t epoch = step / plan_.steps_per_epoch;
  if (epoch != epoch_) {
    batches_ =
        epoch_batches(job_.train, config.batch_size, config.length_grouping, static_cast<uint64_t>(config.seed), epoch);
    epoch_ = epoch;
  }
  const int64_t first = step % plan_.steps_per_epoch * config.gradient_accumulation;
  const int64_t last = std::min(first + config.gradient_accumulation, plan_.batches_per_epoch);
  int64_t units = 0;
  for (int64_t i = first; i < last; ++i) units += loss_units(job_.train, batches_[i]);

  optimizer_.zero_grad();
  at::Tensor step_loss;
  for (int64_t i = first; i < last; ++i) {
    const PackedBatch packed = pack(job_.train, batches_[i]);
    const DeviceBatch batch = to_device(packed, job_.task.kind, job_.model->hub.architecture, job_.device);
    const Draw draw{static_cast<uint64_t>(config.seed), step, i - first, 0};
    const Losses losses = training_losses(job_.model->network, job_.plan, job_.objective, batch, draw);
    // A micro-batch counts by its examples or labelled tokens, so that the sum of the gradients is that of the large
    // batch.
    const double share = static_cast<double>(packed.loss_units()) / static_cast<double>(units);
    const at::Tensor loss = losses.total * share;
    loss.backward();
    const at::NoGradGuard guard;
    step_loss = step_loss.defined() ? step_loss + loss : loss.detach();
    const at::Tensor consistency =
        losses.consistency.defined() ? losses.consistency.detach() : at::zeros_like(losses.ce);
    sums_.add_(at::stack({losses.total.detach(), losses.ce.detach(), consistency}), share);
    interval_tokens_ += packed.tokens();
    interval_label_tokens_ += static_cast<int64_t>(packed.targets.size());
  }
  const double learning_rate = config.learning_rate * schedule_.factor(step);
  grad_norm_ = optimizer_.step(learning_rate, step_loss);
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
  if (job_.task.kind == TaskKind::kGeneration) line.label_tokens = interval_label_tokens_;
  line.seconds = interval_seconds_;
  last_note_ = journal_->write(line, progress_.on());
  state_.tokens += interval_tokens_;
  state_.seconds += interval_seconds_;
  state_.logged_step = state_.step;
  interval_tokens_ = 0;
  interval_label_tokens_ = 0;
  interval_seconds_ = 0;
  sums_.zero_();
}

bool Trainer::evaluate_all() {
  progress_.clear();
  std::vector<Evaluation> evaluations;
  for (const Dataset& dataset : job_.evaluation) {
    Progress bar(static_cast<int64_t>(dataset.examples.size()), !progress_.on());
    const EvaluationHooks hooks{.progress = bar.reporter(dataset.split + " examples"), .stopped = stop_requested};
    evaluations.push_back(
        evaluate(job_.model->network, job_.task, dataset, job_.config.evaluation.batch_size, job_.device, hooks));
    if (!evaluations.back().complete) return false;
  }
  state_.evaluated_step = state_.step;
  for (const Evaluation& evaluation : evaluations) journal_->write(evaluation, state_.step);
  note_best(evaluations.front(), evaluations);
  last_evaluations_ = std::move(evaluations);
  return true;
}

bool Trainer::text_is_due() const {
  return !job_.prompts.empty() && is_due(job_.config.generation.every, state_.step, plan_);
}

void Trainer::measure_text() {
  const RunConfig& config = job_.config;
  const Generator generator = make_generator(config, *job_.model, *job_.tokenizer);
  progress_.clear();
  Progress bar(static_cast<int64_t>(job_.prompts.size()), !progress_.on());
  TextEvaluationOptions options = text_options(config);
  options.progress = bar.reporter("dev texts");
  TextEvaluation text;
  const auto start = Clock::now();
  try {
    text = evaluate_text(generator, *job_.tokenizer, job_.prompts, options);
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
  const std::string& metric = job_.task.metric;
  const double value = metric == "loss" ? first.loss : first.metric(metric);
  const bool comparable = std::isfinite(value);
  const bool better =
      !state_.best_metric ||
      (comparable && (smaller_is_better(metric) ? value < *state_.best_metric : value > *state_.best_metric));
  if (!better) {
    ++state_.evaluations_without_best;
    return;
  }
  if (comparable) state_.best_metric = value;
  state_.best_step = state_.step;
  state_.evaluations_without_best = 0;
  if (job_.config.evaluation.keep_best) save_result_model(all);
}

bool Trainer::has_run_out_of_patience() const {
  const int64_t patience = job_.config.evaluation.patience;
  return patience > 0 && state_.evaluations_without_best >= patience;
}

Json Trainer::training_note(const std::vector<Evaluation>& evaluations) const {
  Json metrics = Json::object();
  for (const Evaluation& evaluation : evaluations) metrics[evaluation.split] = metrics_json(evaluation);
  return {{"step", state_.step},
          {"metrics", metrics},
          {"dropout", job_.plan.describe()},
          {"seed", job_.config.training.seed}};
}

void Trainer::save_result_model(const std::vector<Evaluation>& evaluations) {
  const bool lora = job_.config.method == Method::kLora;
  const fs::path place = lora ? folder_.adapter() : folder_.model();
  const fs::path unfinished = folder_.path() / ("." + place.filename().string() + ".tmp");
  std::error_code error;
  fs::remove_all(unfinished, error);
  const std::string base = fs::absolute(job_.config.model.path, error).lexically_normal().string();
  try {
    if (lora) {
      write_adapter(unfinished, job_.config.lora, base, job_.model->names, job_.trained.tensors);
    } else {
      write_model(unfinished, job_.model->folder, job_.model->network, job_.model->names, job_.task.labels);
    }
    write_saved_task(unfinished, {job_.config.task, job_.task, job_.config.training.max_length, base, base_checksum_,
                                  training_note(evaluations)});
    replace_folder(unfinished, place);
  } catch (...) {
    fs::remove_all(unfinished, error);
    throw;
  }
  if (job_.task.kind == TaskKind::kGeneration) return;
  for (std::size_t i = 0; i < evaluations.size(); ++i) {
    write_dev_predictions(folder_.predictions(evaluations[i].split), job_.task, job_.evaluation[i],
                          evaluations[i].logits);
  }
}

void Trainer::save_checkpoint() {
  state_.metrics_size = journal_->size();
  RunState state = state_;
  state.tokens += interval_tokens_;
  state.seconds += interval_seconds_;
  CheckpointTensors tensors{named(optimizer_.trained()), optimizer_.state()};
  tensors.optimizer.emplace_back(kSums, sums_);
  write_checkpoint(folder_.checkpoints(), state, tensors, job_.config.checkpoint.keep);
}

void Trainer::stop() {
  progress_.clear();
  check_finite();
  save_checkpoint();
  throw StoppedError(cat("stopped by ", strsignal(stop_signal()), " after step ", state_.step, " of ",
                         plan_.total_steps, "; the state is saved, go on with --resume"));
}

Json Trainer::result() {
  Json json = {{"task", job_.task.name}, {"metric", job_.task.metric}};
  json["best"] =
      state_.best_metric ? Json{{"step", state_.best_step}, {job_.task.metric, *state_.best_metric}} : Json(nullptr);
  Json final_metrics = Json::object();
  for (const Evaluation& evaluation : last_evaluations_) final_metrics[evaluation.split] = metrics_json(evaluation);
  json["final"] = last_evaluations_.empty() ? Json(nullptr) : final_metrics;
  if (job_.task.kind == TaskKind::kGeneration) json["generation"] = last_text_;
  json["steps"] = state_.step;
  json["planned_steps"] = plan_.total_steps;
  json["stopped_early"] = state_.step < plan_.total_steps;
  json["tokens"] = state_.tokens;
  json["training_seconds"] = std::round(state_.seconds * 1e3) / 1e3;
  json["tokens_per_second"] = state_.seconds > 0
                                  ? Json(std::round(static_cast<double>(state_.tokens) / state_.seconds * 10) / 10)
                                  : Json(nullptr);
  json["peak_memory_bytes"] = peak_memory(job_.device);
  json["trained_parameters"] = job_.trained.adapter_parameters + job_.trained.saved_parameters;
  json["device"] = device_name(job_.device);
  return json;
}

}  // namespace hiddenkey
