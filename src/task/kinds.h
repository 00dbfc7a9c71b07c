#pragma once

#include <memory>

#include "task/task.h"

// The kinds of tasks, one file each.

namespace hiddenkey {

/// One class for each text, or pair of texts.
std::unique_ptr<Task> make_classification(TaskInfo info);
/// Any number of labels for each text, or pair of texts.
std::unique_ptr<Task> make_multi_label(TaskInfo info);
/// One tag for each word.
std::unique_ptr<Task> make_token_classification(TaskInfo info);
/// One score for each text, or pair of texts.
std::unique_ptr<Task> make_regression(TaskInfo info);
/// A text that goes on from a prompt.
std::unique_ptr<Task> make_generation(TaskInfo info);

}  // namespace hiddenkey
