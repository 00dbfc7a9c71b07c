#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "run/checkpoint_folder.h"
#include "run/run_folder.h"
#include "task/evaluation.h"
#include "train/job.h"

namespace hiddenkey {

/// Writes adapter/, or model/ for full finetuning, and the predictions of the evaluated splits.
void write_trained(const Job& job, RunFolder& folder, const SavedTask& task,
                   const std::vector<Evaluation>& evaluations);

/// What result.json says. `evaluations` are the last ones, `text` the metrics of the last texts, or null.
nlohmann::ordered_json run_result(const Job& job, const RunState& state, int64_t planned_steps,
                                  const std::vector<Evaluation>& evaluations, const nlohmann::ordered_json& text);

}  // namespace hiddenkey
