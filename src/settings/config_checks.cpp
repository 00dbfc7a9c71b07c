#include "settings/config_checks.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "data/holdout.h"
#include "data/metric_names.h"
#include "data/sources/tagged.h"
#include "data/task.h"
#include "dropout/plan.h"
#include "settings/config_fields.h"

namespace hiddenkey {
namespace {

class Checker {
 public:
  Checker(const Value& tree, Problems& problems) : tree_(tree), problems_(problems) {}

  void fail(const std::string& key, const std::string& text) {
    const Value* value = find_path(tree_, key);
    problems_.push_back({value != nullptr ? value->where : tree_.where, key, text});
  }

  /// A key whose value could not be read is not missing.
  void require(const std::string& key, const std::string& text, const std::string& what) {
    const auto told = [&](const Problem& problem) { return !problem.key.empty() && key.starts_with(problem.key); };
    if (text.empty() && std::none_of(problems_.begin(), problems_.end(), told)) fail(key, "is missing: " + what);
  }

 private:
  const Value& tree_;
  Problems& problems_;
};

/// Tasks whose data are original files in a folder.
void check_folder_task(const TaskConfig& task, Checker& check) {
  if (task.data_dir.empty()) check.fail("task.data_dir", cat("is missing: the folder with the files of ", task.name));
  const bool e2e_format = task.name == "e2e" && (task.format == "csv" || task.format == "lora");
  const std::pair<const char*, bool> own_keys[] = {
      {"task.train", !task.train.empty()},
      {"task.validation", !task.validation.empty()},
      {"task.test", !task.test.empty()},
      {"task.text_columns", !task.text_columns.empty()},
      {"task.labels", !task.labels.empty()},
      {"task.format", !task.format.empty() && !e2e_format},
      {"task.label_column", task.label_column != TaskConfig().label_column}};
  for (const auto& [key, given] : own_keys) {
    if (given)
      check.fail(key, cat("belongs to tasks of one's own; the files of ", task.name, " have fixed names and columns"));
  }
}

/// Words and their tags: CoNLL files have no names of columns.
void check_tagged_files(const TaskConfig& task, Checker& check) {
  if (task.format == "tsv" || task.format == "csv")
    check.fail("task.format", cat("\"", task.format, "\" has no lists of words; expected conll or jsonl"));
  if (task.text_columns.size() > 1)
    check.fail("task.text_columns", "expected one column, which holds the list of words");
  const bool names_columns = !task.text_columns.empty() || task.label_column != TaskConfig().label_column;
  if (names_columns && is_conll(task.train, task.format))
    check.fail(task.text_columns.empty() ? "task.label_column" : "task.text_columns",
               "a CoNLL file has no named columns: the word is in the first, its tag in the last");
}

/// Prompts and completions of one's own.
void check_generation_task(const TaskConfig& task, Checker& check) {
  if (!task.text_columns.empty() && task.text_columns.size() != 2)
    check.fail("task.text_columns", "expected two columns, the prompt's and the completion's");
  if (!task.labels.empty()) check.fail("task.labels", "a generation has no class names");
  if (task.label_column != TaskConfig().label_column)
    check.fail("task.label_column", "a generation has no labels; its columns are task.text_columns");
}

/// A config says itself whether it samples or searches beams, whatever the model's folder says.
void check_search(const SearchSettings& search, Checker& check) {
  const std::pair<const char*, bool> of_sampling[] = {{"temperature", search.temperature.has_value()},
                                                      {"top_k", search.top_k.has_value()},
                                                      {"top_p", search.top_p.has_value()},
                                                      {"seed", search.seed.has_value()}};
  for (const auto& [name, given] : of_sampling) {
    if (given && !search.do_sample.value_or(false))
      check.fail(cat("generation.", name), "has no effect without sampling; add generation.do_sample: true");
  }
  const bool beams = search.num_beams.value_or(1) > 1;
  if (beams && search.do_sample.value_or(false))
    check.fail("generation.do_sample", "beams are searched and not sampled; generation.num_beams is above 1");
  if (!beams && search.early_stopping.value_or(false))
    check.fail("generation.early_stopping", "is of beam search; generation.num_beams is 1");
  if (!beams && search.length_penalty.value_or(1) != 1)
    check.fail("generation.length_penalty", "ranks the beams of beam search; generation.num_beams is 1");
}

/// What has a meaning for one kind of task alone.
void check_kind(const Value& tree, const RunConfig& config, TaskKind kind, Checker& check) {
  const bool generation = kind == TaskKind::kGeneration;
  if (!generation && tree.find("generation") != nullptr)
    check.fail("generation", cat("belongs to tasks that generate text; ", config.task.name, " does not"));
  const bool reads_one_row = !generation && kind != TaskKind::kTokens;
  for (const PositionRow& row : kPositionRows) {
    const bool of_one_row = reads_one_row && row.part == NetworkPart::kHead;
    if (of_one_row && config.dropout.positions[row.position].pattern == Pattern::kSpan)
      check.fail(cat("dropout.", row.section, ".pattern"),
                 "a head reads one row of each sequence, which has no spans; use element or column");
  }
  check_search(config.generation.search, check);
}

void check_task(const TaskConfig& task, TaskKind kind, Checker& check) {
  if (task.name != name_of(kind)) return check_folder_task(task, check);
  if (!task.data_dir.empty())
    check.fail("task.data_dir",
               "belongs to tasks with files of fixed names; name the files with task.train and task.validation");
  if (task.train.empty()) check.fail("task.train", "is missing: the training file");
  if (task.format == "lora") check.fail("task.format", "\"lora\" is a format of e2e alone");
  if (task.format == "conll" && kind != TaskKind::kTokens)
    check.fail("task.format", "\"conll\" is a format of token_classification alone");
  if (kind == TaskKind::kGeneration) return check_generation_task(task, check);
  if (kind == TaskKind::kTokens) {
    check_tagged_files(task, check);
  } else if (task.text_columns.empty() || task.text_columns.size() > 2) {
    check.fail("task.text_columns", "expected one column, or two for a pair");
  }
  if (kind == TaskKind::kRegression && !task.labels.empty())
    check.fail("task.labels", "a regression has no class names");
  if (task.labels.size() == 1 && kind != TaskKind::kMultiLabel)
    check.fail("task.labels", "expected at least two class names");
  if (std::set<std::string>(task.labels.begin(), task.labels.end()).size() != task.labels.size())
    check.fail("task.labels", "a class name stands there twice");
}

/// The dev split is a file, a share of the training file, or one of its folds.
void check_holdout(const TaskConfig& task, Checker& check) {
  if (task.folds.has_value() != task.fold.has_value())
    check.fail(task.folds ? "task.folds" : "task.fold",
               task.folds ? "needs task.fold beside it: which one is the dev split, from 1"
                          : "needs task.folds beside it: how many there are");
  if (task.folds && task.fold.value_or(1) > *task.folds)
    check.fail("task.fold", cat(*task.fold, " is none of the ", *task.folds, " folds, which are counted from 1"));
  if (task.validation_split && task.folds)
    check.fail("task.validation_split", "and task.folds both hold a part of the training file out; one of them can");
  if (!task.validation.empty() && has_holdout(task))
    check.fail("task.validation", cat("names a file, and ", task.folds ? "task.folds" : "task.validation_split",
                                      " takes a part of the training file; one of them is the dev split"));
}

void check_metric(const RunConfig& config, const TaskInfo& info, Checker& check) {
  const std::vector<std::string> known = metrics_to_choose_from(info);
  const std::string& metric = config.evaluation.metric;
  if (metric == "auto" || std::find(known.begin(), known.end(), metric) != known.end()) return;
  check.fail("evaluation.metric", cat("\"", metric, "\" is no metric of ", config.task.name, ", which has ",
                                      join(known, ", "), did_you_mean(metric, known)));
}

/// The labels of a task that does not name them are known with the training file.
void check_class_weights(const RunConfig& config, const TaskInfo& info, Checker& check) {
  if (!config.training.class_weights) return;
  constexpr const char* kKey = "training.class_weights";
  if (!has_classes(info.kind))
    return check.fail(kKey, cat("a ", name_of(info.kind), " has no classes to weigh, and ", info.name, " is one"));
  if (config.training.class_weights->balanced || info.labels.empty()) return;
  const std::string problem = class_weight_problem(*config.training.class_weights, info.labels);
  if (!problem.empty()) check.fail(kKey, problem);
}

void check_layers(const DropoutConfig& dropout, Checker& check) {
  constexpr int64_t kAnyDepth = 1 << 16;  // which layers there are is known only once the model is read
  try {
    choose_layers(dropout.layers, kAnyDepth, false);
  } catch (const ConfigError& error) {
    check.fail(error.place(), error.reason());
  }
}

void check_lora(const LoraConfig& lora, Checker& check) {
  if (lora.target_regex && !lora.layers_to_transform.empty())
    check.fail("lora.layers_to_transform",
               "goes with a list of names; a regex in lora.target_modules says itself which layers it fits");
}

/// What a file says for adapters falls silent when full finetuning is chosen on top of it.
bool says_lora_beside_method(const Value& tree) {
  const Value* lora = tree.find("lora");
  if (lora == nullptr) return false;
  const int method = layer_of(tree, "method").value_or(lora->where.layer);
  return lora->entries.empty() || std::any_of(lora->entries.begin(), lora->entries.end(),
                                              [&](const Entry& entry) { return entry.value.where.layer >= method; });
}

}  // namespace

void check_config(const Value& tree, const RunConfig& config, Problems& problems) {
  Checker check(tree, problems);
  check.require("model.path", config.model.path, "the folder or GGUF file of the pretrained model");
  check.require("output_dir", config.output_dir, "the folder of the run");
  // Of a task that has no known name nothing more can be said.
  const auto unnamed = [](const Problem& problem) { return problem.key == "task.name"; };
  if (std::none_of(problems.begin(), problems.end(), unnamed)) {
    const TaskInfo info = task_info(config.task);
    check_task(config.task, info.kind, check);
    check_holdout(config.task, check);
    check_kind(tree, config, info.kind, check);
    check_metric(config, info, check);
    if (info.kind == TaskKind::kRegression && config.training.label_smoothing > 0)
      check.fail("training.label_smoothing", cat("a regression has no labels to smooth, and ", info.name, " is one"));
    check_class_weights(config, info, check);
  }
  check_layers(config.dropout, check);
  if (config.method == Method::kLora) check_lora(config.lora, check);
  if (config.method == Method::kFull) {
    if (says_lora_beside_method(tree)) check.fail("lora", "method: full trains everything and takes no adapters");
    if (config.model.dtype == BaseType::kBFloat16) check.fail("model.dtype", "method: full trains float32 weights");
  }
}

}  // namespace hiddenkey
