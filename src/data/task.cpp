#include "data/task.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "data/metric_names.h"

namespace hiddenkey {
namespace {

using Names = std::vector<std::string>;

/// Labels and metrics of the GLUE benchmark (Wang et al., ICLR 2019); the first metric chooses the best.
struct GlueTask {
  const char* name;
  Names labels;  ///< empty: regression
  bool pair;
  Names metrics;
  Names label_names = {};  ///< where the files have numbers: what Hugging Face's data sets call them
};

bool holds(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const std::vector<GlueTask>& glue_tasks() {
  static const std::vector<GlueTask> kTasks = {
      {"cola", {"0", "1"}, false, {"matthews"}, {"unacceptable", "acceptable"}},
      {"sst2", {"0", "1"}, false, {"accuracy"}, {"negative", "positive"}},
      {"mrpc", {"0", "1"}, true, {"accuracy", "f1"}, {"not_equivalent", "equivalent"}},
      {"stsb", {}, true, {"pearson", "spearman"}},
      {"qqp", {"0", "1"}, true, {"accuracy", "f1"}, {"not_duplicate", "duplicate"}},
      {"mnli", {"entailment", "neutral", "contradiction"}, true, {"accuracy"}},
      {"qnli", {"entailment", "not_entailment"}, true, {"accuracy"}},
      {"rte", {"entailment", "not_entailment"}, true, {"accuracy"}},
      {"wnli", {"0", "1"}, true, {"accuracy"}, {"not_entailment", "entailment"}}};
  return kTasks;
}

/// The kinds of tasks that files of one's own can be read for. The first metric chooses the best.
struct OwnTask {
  const char* name;
  TaskKind kind;
  Names metrics;
};

const std::vector<OwnTask>& own_tasks() {
  static const std::vector<OwnTask> kTasks = {
      {"classification", TaskKind::kClassification, {"accuracy", "f1", "matthews"}},
      {"multi_label_classification", TaskKind::kMultiLabel, {"f1_micro", "f1_macro", "accuracy"}},
      {"token_classification", TaskKind::kTokens, {"f1", "precision", "recall", "accuracy"}},
      {"regression", TaskKind::kRegression, {"pearson", "spearman", "mse"}},
      {"generation", TaskKind::kGeneration, {"perplexity"}}};
  return kTasks;
}

/// The task's own metrics, the first of which chooses the best, and the others of its kind.
void set_metrics(const Names& own, TaskInfo& info) {
  info.metrics = own;
  info.metric = own.front();
  for (const std::string& name : metrics_of(info.kind)) {
    if (!holds(own, name)) info.more_metrics.push_back(name);
  }
}

/// The metrics of generated text take a system's whole output; these are what a pass over the references gives.
TaskInfo generation_task(const std::string& name) {
  TaskInfo info;
  info.name = name;
  info.kind = TaskKind::kGeneration;
  info.metrics = {"perplexity"};
  info.metric = "loss";
  return info;
}

}  // namespace

bool is_generation(const std::string& task) { return task == "e2e" || task == "webnlg" || task == "generation"; }

const char* name_of(TaskKind kind) {
  for (const OwnTask& task : own_tasks()) {
    if (task.kind == kind) return task.name;
  }
  return "";
}

const char* problem_type(TaskKind kind) {
  if (kind == TaskKind::kClassification) return "single_label_classification";
  if (kind == TaskKind::kMultiLabel) return "multi_label_classification";
  return kind == TaskKind::kRegression ? "regression" : "";
}

HeadUse head_use(TaskKind kind) {
  if (kind == TaskKind::kGeneration) return HeadUse::kLanguage;
  return kind == TaskKind::kTokens ? HeadUse::kTokens : HeadUse::kClassify;
}

std::size_t text_column_count(const TaskInfo& task) { return task.pair || task.kind == TaskKind::kGeneration ? 2 : 1; }

bool has_classes(TaskKind kind) { return kind != TaskKind::kRegression && kind != TaskKind::kGeneration; }

std::vector<std::string> known_tasks() {
  Names names;
  for (const GlueTask& task : glue_tasks()) names.emplace_back(task.name);
  names.insert(names.end(), {"e2e", "webnlg"});
  for (const OwnTask& task : own_tasks()) names.emplace_back(task.name);
  return names;
}

namespace {

Names all_metrics() {
  Names names = {"loss"};
  for (const std::string& task : known_tasks()) {
    TaskConfig config;
    config.name = task;
    for (const std::string& metric : metrics_to_choose_from(task_info(config))) {
      if (!holds(names, metric)) names.push_back(metric);
    }
  }
  return names;
}

}  // namespace

const std::vector<std::string>& known_metrics() {
  static const Names kNames = all_metrics();
  return kNames;
}

TaskInfo task_info(const TaskConfig& config) {
  TaskInfo info;
  info.name = config.name;
  for (const GlueTask& task : glue_tasks()) {
    if (config.name != task.name) continue;
    info.kind = task.labels.empty() ? TaskKind::kRegression : TaskKind::kClassification;
    info.pair = task.pair;
    info.labels = task.labels;
    info.label_names = task.label_names;
    set_metrics(task.metrics, info);
    return info;
  }
  if (is_generation(config.name)) return generation_task(config.name);
  const auto own = std::find_if(own_tasks().begin(), own_tasks().end(),
                                [&](const OwnTask& task) { return config.name == task.name; });
  if (own == own_tasks().end()) {
    throw ConfigError(cat("task.name: \"", config.name, "\" is none of ", join(known_tasks(), ", "),
                          did_you_mean(config.name, known_tasks())));
  }
  info.kind = own->kind;
  info.pair = info.kind != TaskKind::kTokens && config.text_columns.size() > 1;
  info.labels = config.labels;
  set_metrics(own->metrics, info);
  return info;
}

TaskKind kind_of_task(const std::string& name, const Names& labels) {
  if (!holds(known_tasks(), name)) return labels.empty() ? TaskKind::kRegression : TaskKind::kClassification;
  TaskConfig config;
  config.name = name;
  return task_info(config).kind;
}

const GlueFiles* glue_files(const std::string& task) {
  static const std::vector<GlueFiles> kFiles = {
      {"cola", false, {"3"}, "1", {"sentence"}},
      {"sst2", true, {"sentence"}, "label", {"sentence"}},
      {"mrpc", true, {"#1 String", "#2 String"}, "Quality", {"#1 String", "#2 String"}},
      {"stsb", true, {"sentence1", "sentence2"}, "score", {"sentence1", "sentence2"}},
      {"qqp", true, {"question1", "question2"}, "is_duplicate", {"question1", "question2"}},
      {"mnli", true, {"sentence1", "sentence2"}, "gold_label", {"sentence1", "sentence2"}},
      {"qnli", true, {"question", "sentence"}, "label", {"question", "sentence"}},
      {"rte", true, {"sentence1", "sentence2"}, "label", {"sentence1", "sentence2"}},
      {"wnli", true, {"sentence1", "sentence2"}, "label", {"sentence1", "sentence2"}}};
  const auto found =
      std::find_if(kFiles.begin(), kFiles.end(), [&](const GlueFiles& files) { return task == files.name; });
  return found == kFiles.end() ? nullptr : &*found;
}

}  // namespace hiddenkey
