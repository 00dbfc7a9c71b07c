#include "train/config_checks.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "data/task.h"
#include "dropout/plan.h"
#include "train/config_fields.h"

namespace hiddenkey {
namespace {

constexpr double kDefaultRate = 0.1;

class Checker {
 public:
  Checker(const Value& tree, Problems& problems) : tree_(tree), problems_(problems) {}

  void fail(const std::string& key, const std::string& text) {
    const Value* value = find_path(tree_, key);
    problems_.push_back({value != nullptr ? value->where : tree_.where, key, text});
  }

 private:
  const Value& tree_;
  Problems& problems_;
};

/// Whether a named scheme drops at a position.
struct SchemePositions {
  bool logits, weights, hidden;
};

SchemePositions positions_of(Scheme scheme) {
  const bool both = scheme == Scheme::kHiddenKey || scheme == Scheme::kHiddenKeyMinus;
  return {both || scheme == Scheme::kDropKey, scheme == Scheme::kDropAttention, both || scheme == Scheme::kHiddenCut};
}

void fill_rate(std::optional<double>& rate, bool on, const char* position, const DropoutConfig& dropout,
               Checker& check) {
  if (dropout.scheme == Scheme::kCustom) {
    rate = rate.value_or(0.0);
  } else if (on) {
    rate = rate.value_or(kDefaultRate);
  } else if (rate.value_or(0.0) > 0) {
    check.fail(cat("dropout.", position, ".rate"),
               cat("the scheme ", name_of_enum(dropout.scheme),
                   " leaves this position off; take scheme: custom to combine positions"));
  } else {
    rate = 0.0;
  }
}

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

/// Prompts and completions of one's own.
void check_generation_task(const TaskConfig& task, Checker& check) {
  if (!task.text_columns.empty() && task.text_columns.size() != 2)
    check.fail("task.text_columns", "expected two columns, the prompt's and the completion's");
  if (!task.labels.empty()) check.fail("task.labels", "a generation has no class names");
  if (task.label_column != TaskConfig().label_column)
    check.fail("task.label_column", "a generation has no labels; its columns are task.text_columns");
}

/// What has a meaning for one kind of task alone.
void check_kind(const Value& tree, const RunConfig& config, Checker& check) {
  const bool generation = is_generation(config.task.name);
  if (!generation && tree.find("generation") != nullptr)
    check.fail("generation", cat("belongs to tasks that generate text; ", config.task.name, " does not"));
  if (!generation && config.dropout.output.pattern == Pattern::kSpan) {
    check.fail("dropout.output.pattern",
               "a head reads one row of each sequence, which has no spans; use element or column");
  }
  const GenerationConfig& options = config.generation;
  if (options.num_beams == 1 && options.early_stopping)
    check.fail("generation.early_stopping", "is of beam search; generation.num_beams is 1");
}

void check_task(const RunConfig& config, Checker& check) {
  const TaskConfig& task = config.task;
  const std::vector<std::string> known = known_tasks();
  if (std::find(known.begin(), known.end(), task.name) == known.end()) {
    return check.fail("task.name",
                      cat("\"", task.name, "\" is none of ", join(known, ", "), did_you_mean(task.name, known)));
  }
  const bool own = task.name == "classification" || task.name == "regression" || task.name == "generation";
  if (!own) return check_folder_task(task, check);
  if (!task.data_dir.empty())
    check.fail("task.data_dir",
               "belongs to tasks with files of fixed names; name the files with task.train and task.validation");
  if (task.train.empty()) check.fail("task.train", "is missing: the training file");
  if (task.format == "lora") check.fail("task.format", "\"lora\" is a format of e2e alone");
  if (task.name == "generation") return check_generation_task(task, check);
  if (task.text_columns.empty() || task.text_columns.size() > 2)
    check.fail("task.text_columns", "expected one column, or two for a pair");
  if (task.name == "regression" && !task.labels.empty()) check.fail("task.labels", "a regression has no class names");
  if (task.labels.size() == 1) check.fail("task.labels", "expected at least two class names");
  if (std::set<std::string>(task.labels.begin(), task.labels.end()).size() != task.labels.size())
    check.fail("task.labels", "a class name stands there twice");
}

void check_consistency(const RunConfig& config, Checker& check) {
  const DropoutConfig& dropout = config.dropout;
  if (config.consistency.loss.value_or(ConsistencyLoss::kNone) == ConsistencyLoss::kNone) return;
  const double rates[] = {dropout.logits.rate.value_or(0),
                          dropout.weights.rate.value_or(0),
                          dropout.hidden.rate.value_or(0),
                          dropout.input.rate.value_or(0),
                          dropout.output.rate.value_or(0),
                          dropout.pretrained,
                          config.method == Method::kLora ? config.lora.dropout : 0.0};
  if (std::all_of(std::begin(rates), std::end(rates), [](double rate) { return rate == 0; })) {
    check.fail("consistency.loss", "both passes would be the same: no dropout position has a rate above 0");
  }
}

void check_device(const std::string& device, Checker& check) {
  const bool numbered = device.starts_with("cuda:") && device.size() > 5 && device.size() < 9 &&
                        std::all_of(device.begin() + 5, device.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (device == "auto" || device == "cpu" || device == "cuda" || numbered) return;
  check.fail("training.device", cat("\"", device, "\" is none of auto, cpu, cuda, cuda:N"));
}

void check_layers(const DropoutConfig& dropout, Checker& check) {
  constexpr int64_t kAnyDepth = 1 << 16;  // which layers there are is known only once the model is read
  try {
    choose_layers(dropout.layers, kAnyDepth, false);
  } catch (const ConfigError& error) {
    const std::string prefix = "dropout.layers: ";
    check.fail("dropout.layers", std::string(error.what()).substr(prefix.size()));
  }
}

}  // namespace

void apply_scheme(const Value& tree, RunConfig& config, Problems& problems) {
  Checker check(tree, problems);
  DropoutConfig& dropout = config.dropout;
  const SchemePositions on = positions_of(dropout.scheme);
  fill_rate(dropout.logits.rate, on.logits, "logits", dropout, check);
  fill_rate(dropout.weights.rate, on.weights, "weights", dropout, check);
  fill_rate(dropout.hidden.rate, on.hidden, "hidden", dropout, check);
  fill_rate(dropout.input.rate, false, "input", dropout, check);
  fill_rate(dropout.output.rate, false, "output", dropout, check);
  if (!config.consistency.loss)
    config.consistency.loss = dropout.scheme == Scheme::kHiddenKey ? ConsistencyLoss::kKl : ConsistencyLoss::kNone;
}

void check_config(const Value& tree, const RunConfig& config, Problems& problems) {
  Checker check(tree, problems);
  if (config.model.path.empty())
    check.fail("model.path", "is missing: the folder or GGUF file of the pretrained model");
  if (config.output_dir.empty()) check.fail("output_dir", "is missing: the folder of the run");
  check_task(config, check);
  check_kind(tree, config, check);
  check_consistency(config, check);
  check_layers(config.dropout, check);
  check_device(config.training.device, check);
  if (config.evaluation.patience > 0 && config.evaluation.every.kind == Interval::Kind::kNever) {
    check.fail("evaluation.patience", "counts evaluations, but evaluation.every is never");
  }
  if (config.method == Method::kFull) {
    if (tree.find("lora") != nullptr) check.fail("lora", "method: full trains everything and takes no adapters");
    if (config.model.dtype != BaseType::kFloat32) check.fail("model.dtype", "method: full trains float32 weights");
  }
}

}  // namespace hiddenkey
