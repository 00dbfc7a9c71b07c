#include "train/evaluator.h"

#include "core/progress.h"
#include "core/stop_signal.h"
#include "train/out_of_memory.h"

namespace hiddenkey {

Evaluator::Evaluator(const Job& job, bool shows_progress)
    : job_(job),
      shows_progress_(shows_progress),
      batch_size_(job.config.evaluation.batch_size),
      text_batch_size_(job.config.generation.batch_size) {}

std::vector<Evaluation> Evaluator::evaluate() {
  std::vector<Evaluation> evaluations;
  for (const Dataset& dataset : job_.evaluation) {
    Progress bar(static_cast<int64_t>(dataset.examples.size()), !shows_progress_);
    const Watch watch{.progress = bar.reporter(dataset.split + " examples"), .stopped = stop_requested};
    Evaluation evaluation;
    batch_size_ = with_halving(batch_size_, "the evaluation", job_.device, [&](int64_t size) {
      evaluation = job_.task->evaluate(job_.model->network, dataset, {size, job_.device, watch});
    });
    evaluations.push_back(std::move(evaluation));
  }
  return evaluations;
}

TextEvaluation Evaluator::make_texts() {
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
