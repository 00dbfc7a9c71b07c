#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/file.h"
#include "score/metric.h"

namespace hiddenkey {

/// Gives the metrics of one system after the other on a test set, whose references are prepared once.
using TaskMetrics = std::function<std::vector<Metric>(const std::vector<Segment>&)>;

/// WebNLG's for "webnlg", else E2E's. `paraphrases` is METEOR's table, if there is one. ConfigError where WordNet is
/// not installed, IoError or DataError where the table is none.
TaskMetrics task_metrics(const std::string& task, const fs::path& paraphrases);

}  // namespace hiddenkey
