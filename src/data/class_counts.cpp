#include "data/class_counts.h"

#include <algorithm>
#include <cstdio>

#include "core/text.h"

namespace hiddenkey {
namespace {

/// The most classes that a line names.
constexpr std::size_t kNamedClasses = 12;

struct ClassCount {
  std::string label;
  int64_t examples = 0;
};

std::vector<ClassCount> count_classes(const TaskInfo& task, const Dataset& dataset) {
  std::vector<ClassCount> counts;
  const std::vector<int64_t> examples = count_labels(task, dataset);
  for (std::size_t i = 0; i < examples.size(); ++i) counts.push_back({task.labels[i], examples[i]});
  return counts;
}

/// What the largest class is a share of: examples, or words.
int64_t all_counted(const TaskInfo& task, const Dataset& dataset) {
  int64_t words = 0;
  for (const TokenExample& example : dataset.examples) words += static_cast<int64_t>(example.words.size());
  return task.kind == TaskKind::kTokens ? words : static_cast<int64_t>(dataset.examples.size());
}

bool has_fewer(const ClassCount& a, const ClassCount& b) { return a.examples < b.examples; }

}  // namespace

std::vector<int64_t> count_labels(const TaskInfo& task, const Dataset& dataset) {
  std::vector<int64_t> counts(task.labels.size(), 0);
  for (const TokenExample& example : dataset.examples) {
    if (example.label) ++counts[static_cast<std::size_t>(*example.label)];
    if (!example.labels) continue;
    for (const int32_t label : *example.labels) ++counts[static_cast<std::size_t>(label)];
  }
  return counts;
}

std::string describe_classes(const TaskInfo& task, const Dataset& dataset) {
  std::vector<ClassCount> counts = count_classes(task, dataset);
  const int64_t largest = std::max_element(counts.begin(), counts.end(), has_fewer)->examples;
  if (counts.size() > kNamedClasses) {
    std::stable_sort(counts.begin(), counts.end(),
                     [](const ClassCount& a, const ClassCount& b) { return has_fewer(b, a); });
  }
  std::vector<std::string> parts;
  for (const ClassCount& count : counts) parts.push_back(cat(count.label, " ", count.examples));
  char share[32];
  std::snprintf(share, sizeof share, "%.1f%%",
                100.0 * static_cast<double>(largest) / static_cast<double>(all_counted(task, dataset)));
  return cat(join_first(parts, kNamedClasses), " (the largest: ", share,
             task.kind == TaskKind::kTokens ? " of the words)" : ")");
}

std::string describe_small_classes(const TaskInfo& task, const Dataset& dataset) {
  constexpr int64_t kFew = 5;
  std::vector<std::string> small;
  for (const ClassCount& count : count_classes(task, dataset)) {
    if (count.examples < kFew) small.push_back(cat(count.label, " ", count.examples));
  }
  if (small.empty()) return "";
  return cat(small.size() == 1 ? "a class has" : "classes have",
             " too few training examples to be learnt: ", join_first(small, kNamedClasses));
}

bool is_macro(const TaskInfo& task, const std::string& metric) {
  const bool of_one_class = metric == "precision" || metric == "recall" || metric == "f1";
  return of_one_class && task.kind == TaskKind::kClassification && task.labels.size() > 2;
}

std::string describe_metrics(const TaskInfo& task) {
  std::vector<std::string> names;
  for (const std::string& metric : task.metrics)
    names.push_back(is_macro(task, metric) ? metric + " (macro: the mean over the classes)" : metric);
  return join(names, ", ");
}

}  // namespace hiddenkey
