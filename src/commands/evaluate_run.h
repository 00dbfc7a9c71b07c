#pragma once

#include "data/dataset.h"
#include "run/open_run.h"

namespace hiddenkey {

/// Runs the data through the model, with a bar on a terminal that is not to be quiet.
Evaluation evaluate_run(const LoadedRun& run, const Dataset& dataset, bool quiet);

}  // namespace hiddenkey
