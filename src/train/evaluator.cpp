#include "train/evaluator.h"

#include "core/clock.h"
#include "core/progress.h"
#include "core/stop_signal.h"
#include "train/best.h"
#include "train/out_of_memory.h"

namespace hiddenkey {

Evaluator::Evaluator(const Job& job, const RunFolder& folder, Journal& journal, bool shows_progress)
    : job_(job),
      folder_(folder),
      journal_(journal),
      shows_progress_(shows_progress),
      batch_size_(job.config.evaluation.batch_size),
      text_batch_size_(job.config.generation.batch_size) {}

bool Evaluator::evaluate(RunState& state) {
  std::vector<Evaluation> evaluations;
  for (const Dataset& dataset : job_.evaluation) evaluations.push_back(evaluate(dataset));
  evaluations_ = std::move(evaluations);
  state.evaluated_step = state.step;
  for (const Evaluation& evaluation : evaluations_) journal_.write(evaluation, state.step);
  const std::string& metric = job_.task->info.metric;
  return note_evaluation(metric, evaluations_.front().metric(metric), state);
}

Evaluation Evaluator::evaluate(const Dataset& dataset) {
  Progress bar(static_cast<int64_t>(dataset.examples.size()), !shows_progress_);
  const Watch watch{.progress = bar.reporter(dataset.split + " examples"), .stopped = stop_requested};
  Evaluation evaluation;
  batch_size_ = with_halving(batch_size_, "the evaluation", job_.device, [&](int64_t size) {
    evaluation = job_.task->evaluate(job_.model->network, dataset, {size, job_.device, watch});
  });
  return evaluation;
}

void Evaluator::make_texts(RunState& state) {
  const auto start = Clock::now();
  const TextEvaluation text = measure_texts();
  state.measured_step = state.step;
  journal_.write(text, state.step, seconds_since(start));
  write_generations(folder_.generations("dev"), job_.prompts, text);
  text_ = {state.step, text.segments.size(), text.metrics};
}

TextEvaluation Evaluator::measure_texts() {
  const Generator generator(job_.model->network, *job_.tokenizer, job_.generation.options, job_.generation.end_ids);
  Progress bar(static_cast<int64_t>(job_.prompts.size()), !shows_progress_);
  TextEvaluationOptions options = text_options(job_.config);
  options.watch.progress = bar.reporter("dev texts");
  TextEvaluation text;
  text_batch_size_ = with_halving(text_batch_size_, "the making of text", job_.device, [&](int64_t size) {
    options.batch_size = size;
    text = evaluate_text(generator, *job_.tokenizer, job_.prompts, options);
  });
  return text;
}

}  // namespace hiddenkey
