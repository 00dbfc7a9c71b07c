#pragma once

#include "cli/command.h"

namespace hiddenkey {

// The commands that need LibTorch. Each does what cli/ parsed, prints its result and gives the exit code; what goes
// wrong is an Error.
int run_train(const TrainOptions& options, const CommonOptions& common);
int run_eval(const EvalOptions& options, const CommonOptions& common);
int run_predict(const PredictOptions& options, const CommonOptions& common);
int run_generate(const GenerateOptions& options, const CommonOptions& common);
int run_merge(const MergeOptions& options, const CommonOptions& common);
int run_inspect(const InspectOptions& options, const CommonOptions& common);

}  // namespace hiddenkey
