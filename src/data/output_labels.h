#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"

// A task's labels in the order of the outputs of a model.

namespace hiddenkey {

/// The task's labels in the order of a model's outputs, matched by name whatever the case, as Transformers' run_glue
/// does; GLUE's numbers also match the names that Hugging Face's data sets give them. Nothing where the two are not the
/// same names.
std::optional<std::vector<std::string>> in_order_of(const TaskInfo& task, const std::vector<std::string>& outputs);

/// What is known of the classes of a trained head's outputs.
struct KnownOutputs {
  std::vector<std::string> names;  ///< in the order of the outputs; empty where no file names them
  std::string source;              ///< the file that names them
  bool own = true;                 ///< false: the names are a base's, and an adapter has brought a head of its own
};

/// The labels of a classification in the order of a trained head's outputs. `told` are those of --labels, which go
/// before everything (a warning says where a file has them in another order); GLUE's must be the task's own. Otherwise
/// the task's labels are matched to the known names, and where the task has none those names are the labels.
/// ConfigError where the two cannot be matched, or where neither is known.
std::vector<std::string> labels_of_outputs(const TaskInfo& task, const std::vector<std::string>& told,
                                           const KnownOutputs& known);

/// Puts the labels of a task, and those of a split that was read with them, into another order of the same labels.
void reorder_labels(const std::vector<std::string>& order, TaskInfo& task, Dataset& dataset);

}  // namespace hiddenkey
