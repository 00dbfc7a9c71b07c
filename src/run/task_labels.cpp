#include "run/task_labels.h"

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "data/labels.h"
#include "data/task.h"

namespace hiddenkey {
namespace {

using Names = std::vector<std::string>;

Names told_labels(const TaskInfo& task, const Names& told, const KnownOutputs& known) {
  Names labels = told;
  if (glue_files(task.name) != nullptr) {
    const auto order = in_order_of(task, told);
    if (!order)
      throw ConfigError(cat("--labels: ", join(told, ", "), " are not the labels of ", task.name, ", which are ",
                            join(task.labels, ", ")));
    labels = *order;
  }
  TaskInfo as_told;
  as_told.labels = told;
  const bool other_order =
      known.own && !known.names.empty() && in_order_of(as_told, known.names).value_or(told) != told;
  if (other_order)
    log::warning(cat("--labels: ", join(told, ", "), " is taken as the order of the outputs; ", known.source,
                     " has them as ", join(known.names, ", ")));
  return labels;
}

}  // namespace

Names labels_of_outputs(const TaskInfo& task, const Names& told, const KnownOutputs& known) {
  if (!told.empty()) return told_labels(task, told, known);
  if (task.labels.empty() || known.names.empty()) {
    const Names labels = task.labels.empty() ? known.names : task.labels;
    if (labels.size() < 2)
      throw ConfigError("the class names are not known; give them with --labels x,y in the order of the outputs");
    return labels;
  }
  if (const auto order = in_order_of(task, known.names)) return *order;
  const std::string differ = cat(known.source, ": names the classes ", join(known.names, ", "), "; the task ",
                                 task.name, " has ", join(task.labels, ", "));
  if (known.own) throw ConfigError(differ + "; say with --labels x,y which one each output is, in their order");
  log::warning(differ + "; the adapter's head is taken to have them in the task's order");
  return task.labels;
}

}  // namespace hiddenkey
