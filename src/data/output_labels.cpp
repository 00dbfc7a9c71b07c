#include "data/output_labels.h"

#include <algorithm>

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "data/task.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

using Names = std::vector<std::string>;

Names lower(Names names) {
  for (std::string& name : names) name = to_lower_utf8(name);
  return names;
}

Names sorted(Names names) {
  std::sort(names.begin(), names.end());
  return names;
}

/// `labels` rearranged as `names`, which are theirs one by one, are in `outputs`.
std::optional<Names> arranged(const Names& labels, const Names& names, const Names& outputs) {
  const Names known = sorted(names);
  const bool unique = std::adjacent_find(known.begin(), known.end()) == known.end();
  if (!unique || known != sorted(outputs)) return std::nullopt;
  Names result;
  for (const std::string& output : outputs)
    result.push_back(labels[static_cast<std::size_t>(std::find(names.begin(), names.end(), output) - names.begin())]);
  return result;
}

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

std::optional<Names> in_order_of(const TaskInfo& task, const Names& outputs) {
  for (const Names& names : {task.labels, task.label_names}) {
    if (auto exact = arranged(task.labels, names, outputs)) return exact;
    if (auto any_case = arranged(task.labels, lower(names), lower(outputs))) return any_case;
  }
  return std::nullopt;
}

void reorder_labels(const Names& order, TaskInfo& task, Dataset& dataset) {
  std::vector<double> places;
  for (const std::string& label : task.labels)
    places.push_back(static_cast<double>(std::find(order.begin(), order.end(), label) - order.begin()));
  for (TokenExample& example : dataset.examples) {
    if (example.label) example.label = places[static_cast<std::size_t>(*example.label)];
    if (!example.labels) continue;
    for (int32_t& label : *example.labels) label = static_cast<int32_t>(places[static_cast<std::size_t>(label)]);
    if (task.kind == TaskKind::kMultiLabel) std::sort(example.labels->begin(), example.labels->end());
  }
  task.labels = order;
}

Names labels_of_outputs(const TaskInfo& task, const Names& told, const KnownOutputs& known) {
  if (!told.empty()) return told_labels(task, told, known);
  if (task.labels.empty() || known.names.empty()) {
    Names labels = task.labels.empty() ? known.names : task.labels;
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
