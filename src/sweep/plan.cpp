#include "sweep/plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "config/load.h"
#include "core/file.h"
#include "core/text.h"
#include "data/metric_names.h"
#include "data/task.h"
#include "settings/check_files.h"
#include "settings/resolve_config.h"
#include "sweep/cells.h"
#include "sweep/metrics.h"
#include "sweep/settle_cell.h"
#include "sweep/sweep_file.h"
#include "sweep/trial_names.h"

namespace hiddenkey {
namespace {

/// Adds each problem once, however many trials have it.
class UniqueProblems {
 public:
  explicit UniqueProblems(Problems& problems) : problems_(problems) {}
  void add(const Problem& problem) {
    if (seen_.insert(to_line(problem)).second) problems_.push_back(problem);
  }
  void add(const Problems& found) {
    for (const Problem& problem : found) add(problem);
  }

 private:
  Problems& problems_;
  std::set<std::string> seen_;
};

class Planner {
 public:
  Planner(const Value& tree, const SweepFile& file, MissingFiles missing, Problems& problems)
      : tree_(tree), file_(file), missing_(missing), problems_(problems) {}

  void plan(SweepPlan& plan, const Problems& cells_problems, std::vector<Cell> cells) {
    problems_.add(cells_problems);
    const std::optional<Value> base = load_base();
    if (!base) return;
    for (Cell& cell : cells) settle(*base, cell, plan);
    plan.axes = axes();
    check_axes_have_effect();
    plan.metric = choose_metric();
    plan.higher_is_better = !smaller_is_better(plan.metric);
    plan.compare_to = file_.compare_to;
    plan.halving = file_.halving;
    check_halving(plan.metric);
    check_comparison();
    plan.cells = settled_.size();
    for (const Settled& settled : settled_) add_trials(settled, plan);
  }

 private:
  struct Settled {
    std::string label;
    Cell cell;
    RunConfig config;
    std::string digest;
  };

  /// The base lies below the inline config, which lies below what the command line has put into it.
  std::optional<Value> load_base() {
    Value base;
    base.kind = Value::Kind::kMap;
    base.where = tree_.where;
    if (!file_.base.empty()) {
      Problems found;
      std::optional<Value> loaded = load_tree(file_.base, {}, found);
      problems_.add(found);
      if (!loaded) return loaded;
      base = *std::move(loaded);
      shift_layers(base, -2);
    }
    Value inline_config = file_.config.tree;
    shift_layers(inline_config, -1);
    if (inline_config.kind == Value::Kind::kMap) merge(base, std::move(inline_config));
    return base;
  }

  /// What the sweep itself sets in every trial's config. The folds are the first one for all here.
  std::vector<Setting> own_settings(const SweepPlan& plan) const {
    const auto setting = [&](const char* key, Value::Kind kind, const std::string& text) {
      Setting made{key, tree_.where, {}};
      made.value.kind = kind;
      made.value.text = text;
      return made;
    };
    std::vector<Setting> own = {setting("output_dir", Value::Kind::kQuoted, (plan.folder / "trials").string())};
    if (!file_.folds) return own;
    own.push_back(setting("task.folds", Value::Kind::kPlain, std::to_string(*file_.folds)));
    own.push_back(setting("task.fold", Value::Kind::kPlain, "1"));
    for (Setting& made : own) made.where = made.value.where = find_path(tree_, "folds")->where;
    return own;
  }

  void settle(const Value& base, Cell& cell, SweepPlan& plan) {
    Problems found;
    SettledCell made = settle_cell(base, cell, own_settings(plan), found);
    left_out_.merge(made.left_out);
    for (const Setting& setting : cell.settings) used_.insert(setting.key);
    check_files_once(made, found);
    problems_.add(found);
    const std::string label = cell.name.empty() ? label_of(cell.settings) : cell.name;
    const std::string digest = sha256_of_bytes(comparable_json(made.config).dump());
    const bool again = labels_.count(label) > 0;
    if (again && !cell.is_named) {
      ++plan.merged;
      return;
    }
    if (again) problems_.add({cell.where, "trials", cat("there are two cells \"", label, '"')});
    const auto [same, is_new] = label_of_digest_.emplace(digest, label);
    if (!is_new && !again && count_errors(found) == 0)
      problems_.add({cell.where, "", cat("the cell \"", label, "\" is the same run as \"", same->second, '"')});
    labels_.insert(label);
    settled_.push_back({label, std::move(cell), std::move(made.config), digest});
  }

  /// Reading the model's config again for each of a thousand trials would say nothing new.
  void check_files_once(const SettledCell& made, Problems& found) {
    const OrderedJson json = resolved_json(made.config);
    std::string about;
    for (const char* section : {"model", "task", "lora", "generation"})
      about += json.value(section, OrderedJson()).dump();
    about += cat(json["dropout"].value("layers", OrderedJson()).dump(), made.config.training.max_length,
                 static_cast<int>(made.config.evaluation.every.kind), static_cast<int>(made.config.method));
    if (!files_checked_.insert(about).second) return;
    Problems said = found;
    check_files(made.tree, made.config, said);
    for (auto problem = said.begin() + std::ssize(found); problem != said.end(); ++problem) {
      if (missing_ == MissingFiles::kError) problem->severity = Severity::kError;
    }
    found = std::move(said);
  }

  std::vector<std::string> axes() const {
    std::vector<std::string> keys;
    for (const VariedKey& varied : varied_keys(file_)) {
      if (std::find(keys.begin(), keys.end(), varied.key) == keys.end()) keys.push_back(varied.key);
    }
    return keys;
  }

  void check_axes_have_effect() {
    for (const VariedKey& varied : varied_keys(file_)) {
      const auto reason = left_out_.find(varied.key);
      if (used_.count(varied.key) == 0 && reason != left_out_.end())
        problems_.add({varied.where, varied.key, cat("has no part in any trial: ", reason->second)});
    }
  }

  /// The sweep's, or the one that all trials have.
  std::string choose_metric() {
    std::set<std::string> own;
    for (const Settled& settled : settled_) {
      own.insert(default_metric(settled.config));
      const std::vector<std::string> known = metrics_of(settled.config);
      if (!file_.metric.empty() && std::find(known.begin(), known.end(), file_.metric) == known.end())
        problems_.add({find_path(tree_, "metric")->where, "metric",
                       cat('"', file_.metric, "\" is no metric of ", settled.config.task.name, ", which has ",
                           join(known, ", "), did_you_mean(file_.metric, known))});
    }
    if (!file_.metric.empty()) return file_.metric;
    if (own.size() > 1)
      problems_.add({tree_.where, "metric",
                     cat("is missing: the trials' own metrics differ: ", join({own.begin(), own.end()}, ", "))});
    return own.empty() ? "" : *own.begin();
  }

  /// Cells are compared on their way, so each trial has to be evaluated before its end.
  void check_halving(const std::string& metric) {
    if (file_.halving.rungs.empty()) return;
    const Value* halving = find_path(tree_, "halving");
    for (const Settled& settled : settled_) {
      const RunConfig& config = settled.config;
      if (config.evaluation.every.kind == Interval::Kind::kNever)
        problems_.add({halving->where, "halving", "compares cells by evaluations, and evaluation.every is never"});
      const std::vector<std::string> of_examples = metrics_to_choose_from(task_info(config.task));
      const bool of_texts = std::find(of_examples.begin(), of_examples.end(), metric) == of_examples.end();
      if (of_texts && config.generation.every.kind != EpochInterval::Kind::kEpochs)
        problems_.add({halving->where, "halving",
                       cat("compares cells while they train, and ", metric,
                           " is measured at the end; set generation.every, or take another metric")});
    }
  }

  void check_comparison() {
    if (file_.compare_to.empty() || labels_.count(file_.compare_to) > 0) return;
    constexpr std::size_t kMost = 8;
    const std::vector<std::string> all(labels_.begin(), labels_.end());
    std::vector<std::string> first(all.begin(), all.begin() + std::min<std::ptrdiff_t>(kMost, std::ssize(all)));
    if (all.size() > kMost) first.emplace_back("...");
    problems_.add({find_path(tree_, "compare_to")->where, "compare_to",
                   cat("there is no cell \"", file_.compare_to, '"', did_you_mean(file_.compare_to, all),
                       "; the cells are: ", join(first, " | "))});
  }

  void add_trials(const Settled& settled, SweepPlan& plan) {
    std::vector<int64_t> seeds = file_.seeds;
    if (seeds.empty()) seeds.push_back(settled.config.training.seed);
    for (const int64_t seed : seeds) {
      for (int64_t fold = file_.folds ? 1 : 0; fold <= file_.folds.value_or(0); ++fold)
        plan.trials.push_back(trial_of(settled, seed, fold, plan.folder));
    }
  }

  PlannedTrial trial_of(const Settled& settled, int64_t seed, int64_t fold, const std::filesystem::path& folder) {
    PlannedTrial trial;
    trial.name = names_.name_of(settled.label, seed, fold);
    trial.cell = settled.label;
    trial.seed = seed;
    trial.fold = fold;
    trial.settings = OrderedJson::object();
    for (const Setting& setting : settled.cell.settings) trial.settings[setting.key] = to_json(setting.value);
    trial.config = settled.config;
    trial.config.training.seed = seed;
    if (fold > 0) trial.config.task.fold = fold;
    trial.config.output_dir = (folder / "trials" / trial.name).string();
    trial.digest = settled.digest;
    return trial;
  }

  const Value& tree_;
  const SweepFile& file_;
  MissingFiles missing_;
  UniqueProblems problems_;
  std::vector<Settled> settled_;
  std::set<std::string> labels_, used_, files_checked_;
  std::map<std::string, std::string> left_out_, label_of_digest_;
  TrialNames names_;
};

}  // namespace

OrderedJson comparable_json(const RunConfig& config) {
  OrderedJson json = resolved_json(config);
  for (const char* key : {"output_dir", "logging", "checkpoint"}) json.erase(key);
  json["training"].erase("seed");
  json["training"].erase("device");
  json["task"].erase("fold");
  return json;
}

SweepPlan plan_sweep(const std::filesystem::path& path, const std::vector<std::string>& overrides, MissingFiles missing,
                     Problems& problems) {
  SweepPlan plan;
  const std::optional<Value> tree = load_sweep_tree(path, overrides, problems);
  if (!tree) return plan;
  const SweepFile file = read_sweep_file(*tree, problems);
  Problems of_cells;
  std::vector<Cell> cells = expand_cells(file, of_cells);
  std::error_code error;
  plan.folder = std::filesystem::absolute(file.output_dir, error).lexically_normal();
  plan.yaml = to_sweep_yaml(*tree);
  plan.workers = file.workers;
  plan.retries = file.retries;
  Planner(*tree, file, missing, problems).plan(plan, of_cells, std::move(cells));
  if (count_errors(problems) > 0) plan.trials.clear();
  return plan;
}

}  // namespace hiddenkey
