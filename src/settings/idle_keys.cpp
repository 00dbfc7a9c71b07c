#include "settings/idle_keys.h"

#include <algorithm>
#include <limits>

#include "config/visitors.h"
#include "core/text.h"
#include "data/holdout.h"
#include "settings/config_fields.h"
#include "settings/config_values.h"

namespace hiddenkey {
namespace {

constexpr int kUnsaid = std::numeric_limits<int>::min();

bool has_loss(const RunConfig& config) {
  return config.consistency.loss.value_or(ConsistencyLoss::kNone) != ConsistencyLoss::kNone;
}

void add_dropout(DropoutConfig dropout, std::vector<IdleKey>& idle) {
  bool in_layers = false;
  for (const PositionRow& row : kPositionRows) {
    if (dropout.is_on(row.position)) {
      in_layers = in_layers || row.in_layers();
      continue;
    }
    const std::string section = cat("dropout.", row.section, ".");
    for (const std::string& name : all_keys(PositionSection{row, dropout})) {
      if (name != "rate") idle.push_back({section + name, section + "rate is 0", "dropout.scheme"});
    }
  }
  if (!in_layers)
    idle.push_back({"dropout.layers", "no position inside the layers has a rate above 0", "dropout.scheme"});
}

}  // namespace

std::vector<IdleKey> idle_keys(const RunConfig& config) {
  std::vector<IdleKey> idle;
  add_dropout(config.dropout, idle);
  if (!has_loss(config)) {
    for (const char* name : {"weight", "backward", "passes"})
      idle.push_back({cat("consistency.", name), "there is no consistency loss", "dropout.scheme"});
  }
  if (config.training.max_steps)
    idle.push_back({"training.epochs", "training.max_steps takes its place", "training.max_steps"});
  if (config.training.warmup_steps)
    idle.push_back({"training.warmup_ratio", "training.warmup_steps takes its place", "training.warmup_steps"});
  if (!has_holdout(config.task))
    idle.push_back({"task.split_seed", "no part of the training file is held out", "task.validation"});
  if (config.evaluation.every.kind == Interval::Kind::kNever) {
    for (const char* name : {"metric", "keep_best", "patience"})
      idle.push_back({cat("evaluation.", name), "evaluation.every is never", "evaluation.every"});
  }
  return idle;
}

void choose_between_rivals(const Value& tree, RunConfig& config) {
  const auto lies_above = [&](const char* key, const char* other) {
    return layer_of(tree, key).value_or(kUnsaid) > layer_of(tree, other).value_or(kUnsaid);
  };
  if (lies_above("training.epochs", "training.max_steps")) config.training.max_steps.reset();
  // The dev split is what was said last: a file, a share of the training file, or a fold of it.
  TaskConfig& task = config.task;
  const bool share_first = lies_above("task.validation", "task.validation_split");
  if (share_first || lies_above("task.folds", "task.validation_split")) task.validation_split.reset();
  if (task.folds &&
      (lies_above("task.validation", "task.folds") || lies_above("task.validation_split", "task.folds"))) {
    task.folds.reset();
    task.fold.reset();
  }
  if (lies_above("task.validation_split", "task.validation") || lies_above("task.folds", "task.validation"))
    task.validation.clear();
  if (lies_above("training.warmup_ratio", "training.warmup_steps")) config.training.warmup_steps.reset();
}

void warn_of_idle_keys(const Value& tree, const RunConfig& config, Problems& problems) {
  const auto warn = [&](const std::string& key, const std::string& text) {
    problems.push_back({find_path(tree, key)->where, key, text, Severity::kWarning});
  };
  for (const IdleKey& idle : idle_keys(config)) {
    const std::optional<int> layer = layer_of(tree, idle.key);
    // What a file says for its own scheme or length is meant to fall silent when another is chosen on top of it.
    const bool left_behind = layer && layer_of(tree, idle.because).value_or(kUnsaid) > *layer;
    if (layer && !left_behind) warn(idle.key, "does nothing: " + idle.reason);
  }
  if (has_loss(config) && config.consistency.weight == 0 && layer_of(tree, "consistency.weight"))
    warn("consistency.weight", "is 0: the consistency loss is computed and logged, and changes nothing");
  const bool any = std::any_of(kPositionRows.begin(), kPositionRows.end(),
                               [&](const PositionRow& row) { return config.dropout.is_on(row.position); });
  if (config.dropout.scheme == Scheme::kCustom && !any)
    warn("dropout.scheme", "custom takes the rates that are given, and none is above 0: nothing is dropped");
}

void leave_out_idle_keys(const RunConfig& config, OrderedJson& json) {
  for (const IdleKey& idle : idle_keys(config)) {
    OrderedJson* section = &json;
    const std::vector<std::string> parts = split(idle.key, '.');
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) section = &(*section)[parts[i]];
    section->erase(parts.back());
  }
}

}  // namespace hiddenkey
