#include "cli/evaluate_run.h"

#include "train/check_ids.h"
#include "train/progress.h"

namespace hiddenkey {

Evaluation evaluate_run(const LoadedRun& run, const Dataset& dataset, bool quiet) {
  check_ids(dataset, run.model->hub.architecture, run.model->folder);
  Progress progress(static_cast<int64_t>(dataset.examples.size()), quiet);
  return evaluate(run.model->network, run.task, dataset, run.config.evaluation.batch_size, run.device,
                  {.progress = progress.reporter("examples"), .stopped = {}});
}

}  // namespace hiddenkey
