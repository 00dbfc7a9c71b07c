#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace hiddenkey {

/// How many examples have each of the task's labels; of tagged words how many words.
std::vector<int64_t> count_labels(const TaskInfo& task, const Dataset& dataset);

/// "negative 52, positive 44 (the largest: 54.2%)"; of many classes the largest alone.
std::string describe_classes(const TaskInfo& task, const Dataset& dataset);

/// A sentence about the classes that have too few examples to be learnt; empty where there is none.
std::string describe_small_classes(const TaskInfo& task, const Dataset& dataset);

/// "accuracy, f1 (macro: the mean over the classes), matthews".
std::string describe_metrics(const TaskInfo& task);

/// Whether the value of a metric is a mean over the classes, in which a bad one does not show.
bool is_macro(const TaskInfo& task, const std::string& metric);

}  // namespace hiddenkey
