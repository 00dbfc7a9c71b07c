#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"

/// Which metrics there are, by name. What each of them is stands in score/.
namespace hiddenkey {

/// All that is measured of a kind of task, under the names that scikit-learn and seqeval have for it.
const std::vector<std::string>& metrics_of(TaskKind kind);

/// What a task can be judged by: its own metrics, `loss`, and what is measured beside them.
std::vector<std::string> metrics_to_choose_from(const TaskInfo& task);

/// Makes the best be chosen by this metric, which is then reported as the task's own are.
void judge_by(const std::string& metric, TaskInfo& task);

/// Whether the best value of a metric is the smallest, also of a metric of texts.
bool smaller_is_better(const std::string& metric);

}  // namespace hiddenkey
