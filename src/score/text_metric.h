#pragma once

#include <functional>
#include <string>
#include <vector>

#include "score/metric.h"

namespace hiddenkey {

/// Prepares one metric of one system after the other on a test set, whose references are tokenized once.
using TextMetric = std::function<Metric(const std::vector<Segment>&)>;

/// The metric of this name as task_metrics has it for the task; an empty function for METEOR, which needs tables beside
/// the texts, and for a name that is none of the task's.
TextMetric text_metric(const std::string& task, const std::string& name);

}  // namespace hiddenkey
