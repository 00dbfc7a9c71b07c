#include "cli/evaluate_run.h"

#include "train/progress.h"

namespace hiddenkey {

Evaluation evaluate_run(const LoadedRun& run, const Dataset& dataset, bool quiet) {
  Progress progress(static_cast<int64_t>(dataset.examples.size()), quiet);
  return evaluate(run.model->network, run.task, dataset, run.config.evaluation.batch_size, run.device,
                  {.progress = progress.reporter("examples"), .stopped = {}});
}

}  // namespace hiddenkey
