#include "data/metric_names.h"

#include <algorithm>

namespace hiddenkey {
namespace {

using Names = std::vector<std::string>;

Names joined(const std::vector<Names>& lists) {
  Names all;
  for (const Names& names : lists) all.insert(all.end(), names.begin(), names.end());
  return all;
}

const Names& averages() {
  static const Names kNames = {"f1_macro",        "f1_micro",        "f1_weighted",
                               "precision_macro", "precision_micro", "precision_weighted",
                               "recall_macro",    "recall_micro",    "recall_weighted"};
  return kNames;
}

}  // namespace

const Names& metrics_of(TaskKind kind) {
  static const Names kClasses = joined({{"accuracy", "balanced_accuracy", "precision", "recall", "f1"},
                                        averages(),
                                        {"matthews", "roc_auc", "average_precision"}});
  static const Names kLabels = joined({{"accuracy"},
                                       averages(),
                                       {"f1_samples", "hamming_loss", "roc_auc_macro", "roc_auc_micro",
                                        "average_precision_macro", "average_precision_micro"}});
  static const Names kTags = joined({{"f1", "precision", "recall", "accuracy"}, averages()});
  static const Names kScores = {"pearson", "spearman", "mse"};
  static const Names kText = {"perplexity"};
  switch (kind) {
    case TaskKind::kClassification:
      return kClasses;
    case TaskKind::kMultiLabel:
      return kLabels;
    case TaskKind::kTokens:
      return kTags;
    case TaskKind::kRegression:
      return kScores;
    case TaskKind::kGeneration:
      break;
  }
  return kText;
}

Names metrics_to_choose_from(const TaskInfo& task) { return joined({task.metrics, {"loss"}, task.more_metrics}); }

void judge_by(const std::string& metric, TaskInfo& task) {
  task.metric = metric;
  const auto found = std::find(task.more_metrics.begin(), task.more_metrics.end(), metric);
  if (found == task.more_metrics.end()) return;
  task.more_metrics.erase(found);
  task.metrics.push_back(metric);
}

bool smaller_is_better(const std::string& metric) {
  for (const char* name : {"loss", "mse", "perplexity", "hamming_loss", "TER", "corpus TER"}) {
    if (metric == name) return true;
  }
  return false;
}

}  // namespace hiddenkey
