#include "commands/evaluate_run.h"

#include "commands/memory_hint.h"
#include "core/progress.h"
#include "task/check_ids.h"

namespace hiddenkey {

Evaluation evaluate_run(const LoadedRun& run, const Dataset& dataset, bool quiet) {
  check_ids(dataset, *run.tokenizer, run.model->hub.architecture);
  Progress progress(static_cast<int64_t>(dataset.examples.size()), quiet);
  Evaluation evaluation;
  with_memory_hint("a smaller evaluation.batch_size needs less", [&] {
    evaluation = run.task->evaluate(
        run.model->network, dataset,
        {run.config.evaluation.batch_size, run.device, {.progress = progress.reporter("examples"), .stopped = {}}});
  });
  return evaluation;
}

}  // namespace hiddenkey
