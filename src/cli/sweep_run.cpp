#include <algorithm>
#include <csignal>
#include <optional>

#include "cli/sweep_options.h"
#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/log.h"
#include "core/shell_word.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "sweep/driver.h"
#include "sweep/halving.h"
#include "sweep/plan.h"
#include "sweep/shares.h"
#include "sweep/status.h"
#include "sweep/sweep_folder.h"
#include "sweep/take_sweep.h"

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

int finish(const Outcome& outcome, const std::string& again) {
  if (stop_requested())
    throw StoppedError(cat("stopped with ", outcome.done, " trials done and ", outcome.left,
                           " left, whose states are saved; go on with: ", again));
  return outcome.failed == 0 ? 0 : kSomeTrialsFailed;
}

void print_status(const SweepPlan& plan, const CommonOptions& common) {
  if (stop_requested()) return;
  const SweepStatus status = read_status(plan.folder, Slurm::kLeave);
  print(common.json ? to_json(status).dump(2, ' ', false, Json::error_handler_t::replace) + "\n" : to_text(status));
}

std::vector<const PlannedTrial*> share_of(const SweepPlan& plan, int64_t index, int64_t of) {
  std::vector<const PlannedTrial*> trials;
  for (std::size_t i = static_cast<std::size_t>(index); i < plan.trials.size(); i += static_cast<std::size_t>(of))
    trials.push_back(&plan.trials[i]);
  return trials;
}

/// What one worker does, and how it is called again.
struct Part {
  std::vector<const PlannedTrial*> trials;
  std::string writer, arguments;
  /// One of as many workers as there are trials, which leave to others what all of them would do.
  bool is_task = false;
};

Part part_of_one(const SweepPlan& plan, const std::string& name) {
  std::vector<std::string> names;
  for (const PlannedTrial& trial : plan.trials) {
    if (trial.name == name) return {{&trial}, "/" + name, "--trial " + shell_word(name), true};
    names.push_back(trial.name);
  }
  throw ConfigError(
      cat("--trial: there is no trial \"", name, '"', did_you_mean(name, names), " in ", plan.folder.string()));
}

Part part_of(const SweepPlan& plan, const SweepOptions& options) {
  if (!options.trial.empty()) return part_of_one(plan, options.trial);
  const bool is_alone = options.of == 0;  // as many workers as trials
  const int64_t of = is_alone ? std::ssize(plan.trials) : options.of;
  if (options.index < 0 || options.index >= of)
    throw ConfigError(cat("--index: ", options.index, " is none of the ", of, is_alone ? " trials" : " workers",
                          ", which are 0 to ", of - 1));
  if (is_alone) return part_of_one(plan, plan.trials[static_cast<std::size_t>(options.index)].name);
  return {share_of(plan, options.index, of), cat('-', options.index, "-of-", of),
          cat("--index ", options.index, " --of ", of), false};
}

bool is_recorded(const SweepPlan& plan, const PlannedTrial& trial) {
  if (!path_exists(SweepFolder(plan.folder).record())) return false;
  const SweepRecord record = read_sweep_record(plan.folder);
  return std::any_of(record.trials.begin(), record.trials.end(), [&](const RecordedTrial& recorded) {
    return recorded.name == trial.name && recorded.digest == trial.digest;
  });
}

/// Held as long as the worker runs, so that others see that.
FileLock take_part(const SweepPlan& plan, const Part& part) {
  const SweepFolder folder(plan.folder);
  make_writable_folder(folder.lock(part.writer).parent_path());
  std::optional<FileLock> own = FileLock::take(folder.lock(part.writer), FileLock::Kind::kExclusive);
  if (own) return std::move(*own);
  throw ConfigError(
      cat("output_dir: ", plan.folder.string(), ": a worker with ", part.arguments, " is running already"));
}

/// Puts a task back into the queue when Slurm has warned of its time limit (SIGUSR1): any other signal is of somebody
/// who wants it to end. One that saves nothing within the limit would come back for ever.
void requeue_if_warned(const SweepPlan& plan, const Part& part) {
  if (stop_signal() != SIGUSR1) return;
  for (const PlannedTrial* trial : part.trials) {
    if (path_exists(SweepFolder(plan.folder).trial(trial->name) / "checkpoints")) return requeue_this_task();
  }
  log::warning("--requeue: nothing was saved before Slurm's warning of the time limit, so a longer --time is needed");
}

void require_no_halving(const SweepPlan& plan) {
  if (!plan.halving.rungs.empty())
    throw ConfigError(
        "halving: all trials wait for each other at a rung, which takes one driver: `hiddenkey sweep run`");
}

}  // namespace

int run_sweep(const SweepOptions& options, const CommonOptions& common) {
  const std::optional<SweepPlan> plan =
      checked_plan(options, options.dry_run ? MissingFiles::kWarning : MissingFiles::kError);
  if (!plan) return static_cast<int>(ErrorKind::kConfig);
  if (options.on_slurm) require_no_halving(*plan);
  if (options.on_slurm) return submit_sweep(*plan, options, common);
  if (options.dry_run) return show_plan(*plan, common);
  watch_stop_signals();
  require_no_open_tasks(*plan);
  const FileLock lock = take_sweep(*plan, FileLock::Kind::kExclusive);
  write_sweep(*plan);
  lock.sign();
  const int at_once =
      static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(plan->workers), plan->trials.size()));
  const std::vector<Share> shares = share_out(at_once, usable_processors(), usable_gpus());
  const Outcome outcome = plan->halving.rungs.empty() ? Driver(*plan, {share_of(*plan, 0, 1), {}}, shares, "").run()
                                                      : run_with_halving(*plan, shares);
  print_status(*plan, common);
  return finish(outcome, cat("hiddenkey sweep run ", plan->folder.string()));
}

int run_sweep_worker(const SweepOptions& options, const CommonOptions& common) {
  if (options.index < 0 && options.trial.empty())
    throw ConfigError("--index: is missing: which worker this is; or --trial names the one that it runs");
  const std::optional<SweepPlan> plan = checked_plan(options, MissingFiles::kError);
  if (!plan) return static_cast<int>(ErrorKind::kConfig);
  require_no_halving(*plan);
  const Part part = part_of(*plan, options);
  watch_stop_signals();
  const FileLock shared = take_sweep(*plan, FileLock::Kind::kShared);
  if (!part.is_task || !is_recorded(*plan, *part.trials.front())) write_sweep(*plan);
  const FileLock own = take_part(*plan, part);
  const Outcome outcome =
      Driver(*plan, {part.trials, {}}, share_out(1, usable_processors(), usable_gpus()), part.writer).run();
  if (options.requeue) requeue_if_warned(*plan, part);
  if (!part.is_task || common.json) print_status(*plan, common);
  return finish(outcome, cat("hiddenkey sweep worker ", plan->folder.string(), ' ', part.arguments));
}

}  // namespace hiddenkey
