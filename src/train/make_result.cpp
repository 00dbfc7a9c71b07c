#include "train/make_result.h"

#include "run/device.h"
#include "settings/config_values.h"
#include "settings/resolve_config.h"

namespace hiddenkey {
namespace {

std::vector<SplitResult> split_results(const Job& job, const std::vector<Evaluation>& evaluations) {
  std::vector<SplitResult> splits;
  for (std::size_t i = 0; i < evaluations.size(); ++i) {
    const Evaluation& evaluation = evaluations[i];
    splits.push_back({evaluation.split, evaluation, job.task->report(job.evaluation[i], evaluation.logits)});
  }
  return splits;
}

}  // namespace

RunResult make_result(const Job& job, const RunState& state, const Updates& updates, const Evaluator& evaluator) {
  RunResult result;
  result.task = job.task->info.name;
  result.scheme = name_of_enum(job.config.dropout.scheme);
  result.seed = job.config.training.seed;
  result.outcome = {state.step, job.task->info.metric, std::nullopt};
  if (state.best_metric) result.outcome.best = {state.best_step, *state.best_metric};
  result.splits = split_results(job, evaluator.evaluations());
  result.makes_text = job.task->info.makes_text();
  result.text = evaluator.text();
  result.planned_steps = updates.plan().total_steps;
  result.tokens = state.tokens;
  result.costs.seconds = state.seconds;
  if (state.seconds > 0) result.costs.tokens_per_second = static_cast<double>(state.tokens) / state.seconds;
  result.costs.peak_memory_bytes = peak_memory(job.device);
  result.trained_parameters = job.trained.adapter_parameters + job.trained.saved_parameters;
  result.device = device_name(job.device);
  result.config = resolved_json(job.config);
  result.cuda_check = updates.cuda_check();
  return result;
}

}  // namespace hiddenkey
