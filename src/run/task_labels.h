#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"

namespace hiddenkey {

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

}  // namespace hiddenkey
