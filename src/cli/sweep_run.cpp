#include <algorithm>
#include <optional>
#include <set>

#include "cli/sweep_options.h"
#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "sweep/driver.h"
#include "sweep/file_lock.h"
#include "sweep/halving.h"
#include "sweep/plan.h"
#include "sweep/seed_power.h"
#include "sweep/shares.h"
#include "sweep/status.h"
#include "sweep/sweep_folder.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSomeTrialsFailed = 8;

/// Nothing where the sweep cannot be run; every problem has been told then.
std::optional<SweepPlan> checked_plan(const SweepOptions& options, MissingFiles missing) {
  Problems problems;
  SweepPlan plan = plan_sweep(options.sweep, options.overrides, missing, problems);
  for (const Problem& problem : problems)
    (problem.severity == Severity::kWarning ? log::warning : log::error)(to_line(problem));
  return count_errors(problems) == 0 ? std::make_optional(std::move(plan)) : std::nullopt;
}

std::size_t seeds_of(const SweepPlan& plan) {
  std::set<int64_t> seeds;
  for (const PlannedTrial& trial : plan.trials) seeds.insert(trial.seed);
  return seeds.size();
}

std::string what_trials_can_show(const SweepPlan& plan) {
  if (plan.trials.front().fold == 0) return what_seeds_can_show(seeds_of(plan), plan.cells - 1);
  return "folds share most of their training examples: the report's t-test allows for that, and no exact test over "
         "seeds is made";
}

Json plan_json(const SweepPlan& plan) {
  Json json = {{"folder", plan.folder.string()}, {"metric", plan.metric},
               {"compare_to", plan.compare_to},  {"cells", plan.cells},
               {"merged_cells", plan.merged},    {"note", what_trials_can_show(plan)},
               {"trials", Json::array()}};
  for (const PlannedTrial& trial : plan.trials)
    json["trials"].push_back(
        {{"name", trial.name}, {"cell", trial.cell}, {"seed", trial.seed}, {"settings", trial.settings}});
  return json;
}

std::string plan_text(const SweepPlan& plan) {
  std::string text;
  for (const PlannedTrial& trial : plan.trials) text += trial.name + "\n";
  text += cat(plan.trials.size(), " trials of ", plan.cells, plan.cells == 1 ? " cell" : " cells", " into ",
              plan.folder.string(), '\n');
  if (plan.merged > 0)
    text += cat(plan.merged, " more cells of the grid are one of these: they differ in settings that have no part\n");
  return text + what_trials_can_show(plan) + "\n";
}

int finish(const SweepPlan& plan, const Outcome& outcome, const CommonOptions& common, const std::string& again) {
  if (stop_requested())
    throw StoppedError(cat("stopped with ", outcome.done, " trials done and ", outcome.left,
                           " left, whose states are saved; go on with: ", again));
  const SweepStatus status = read_status(plan.folder);
  print(common.json ? to_json(status).dump(2, ' ', false, Json::error_handler_t::replace) + "\n" : to_text(status));
  return outcome.failed == 0 ? 0 : kSomeTrialsFailed;
}

/// A worker holds it together with other workers, a driver alone.
FileLock take_sweep(const SweepPlan& plan, FileLock::Kind kind) {
  const SweepFolder folder(plan.folder);
  make_writable_folder(plan.folder);
  std::optional<FileLock> lock = FileLock::take(folder.lock(), kind);
  if (lock) return std::move(*lock);
  if (is_locked(folder.lock()))
    throw ConfigError(cat("output_dir: ", plan.folder.string(), ": another driver runs this sweep (",
                          holder_of(folder.lock()), "); `hiddenkey sweep status` tells how far it is"));
  throw ConfigError(cat("output_dir: ", plan.folder.string(), ": workers run trials of this sweep"));
}

std::vector<const PlannedTrial*> share_of(const SweepPlan& plan, int64_t index, int64_t of) {
  std::vector<const PlannedTrial*> trials;
  for (std::size_t i = static_cast<std::size_t>(index); i < plan.trials.size(); i += static_cast<std::size_t>(of))
    trials.push_back(&plan.trials[i]);
  return trials;
}

}  // namespace

int run_sweep(const SweepOptions& options, const CommonOptions& common) {
  const std::optional<SweepPlan> plan =
      checked_plan(options, options.dry_run ? MissingFiles::kWarning : MissingFiles::kError);
  if (!plan) return static_cast<int>(ErrorKind::kConfig);
  if (options.dry_run) {
    print(common.json ? plan_json(*plan).dump(2, ' ', false, Json::error_handler_t::replace) + "\n" : plan_text(*plan));
    return 0;
  }
  watch_stop_signals();
  const FileLock lock = take_sweep(*plan, FileLock::Kind::kExclusive);
  write_sweep(*plan);
  lock.sign();
  const int at_once =
      static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(plan->workers), plan->trials.size()));
  const std::vector<Share> shares = share_out(at_once, usable_processors(), usable_gpus());
  const Outcome outcome = plan->halving.rungs.empty() ? Driver(*plan, {share_of(*plan, 0, 1), {}}, shares, "").run()
                                                      : run_with_halving(*plan, shares);
  return finish(*plan, outcome, common, cat("hiddenkey sweep run ", plan->folder.string()));
}

int run_sweep_worker(const SweepOptions& options, const CommonOptions& common) {
  if (options.of < 1) throw ConfigError("--of: is missing: how many workers share the trials");
  if (options.index < 0 || options.index >= options.of)
    throw ConfigError(
        cat("--index: ", options.index, " is none of the ", options.of, " workers, which are 0 to ", options.of - 1));
  const std::optional<SweepPlan> plan = checked_plan(options, MissingFiles::kError);
  if (!plan) return static_cast<int>(ErrorKind::kConfig);
  if (!plan->halving.rungs.empty())
    throw ConfigError("halving: all trials wait for each other at a rung, which takes one driver; use `sweep run`");
  watch_stop_signals();
  const std::string writer = cat('-', options.index, "-of-", options.of);
  const FileLock shared = take_sweep(*plan, FileLock::Kind::kShared);
  const std::optional<FileLock> own =
      FileLock::take(SweepFolder(plan->folder).lock(writer), FileLock::Kind::kExclusive);
  if (!own)
    throw ConfigError(cat("output_dir: ", plan->folder.string(), ": the worker ", options.index, " of ", options.of,
                          " is running already"));
  write_sweep(*plan);
  const Outcome outcome = Driver(*plan, {share_of(*plan, options.index, options.of), {}},
                                 share_out(1, usable_processors(), usable_gpus()), writer)
                              .run();
  return finish(
      *plan, outcome, common,
      cat("hiddenkey sweep worker ", plan->folder.string(), " --index ", options.index, " --of ", options.of));
}

}  // namespace hiddenkey
