#pragma once

#include "report/run_result.h"
#include "run/checkpoint_folder.h"
#include "train/evaluator.h"
#include "train/job.h"
#include "train/updates.h"

namespace hiddenkey {

/// What a run that has come to its end has to say. The evaluator knows what was measured last.
RunResult make_result(const Job& job, const RunState& state, const Updates& updates, const Evaluator& evaluator);

}  // namespace hiddenkey
