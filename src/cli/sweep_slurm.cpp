#include <algorithm>
#include <set>

#include "cli/sweep_options.h"
#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/log.h"
#include "core/shell_word.h"
#include "core/text.h"
#include "sweep/status.h"
#include "sweep/sweep_folder.h"
#include "sweep/take_sweep.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

/// What of a sweep is to be submitted, and what is not.
struct Choice {
  std::vector<std::string> trials;
  std::size_t done = 0, in_slurm = 0;
  std::size_t left = 0;  ///< more than one array takes
};

std::string trials_of(std::size_t number) { return cat(number, number == 1 ? " trial" : " trials"); }

/// IoError where Slurm does not say what it has already: two tasks would have the same trial.
void leave_out(const SweepPlan& plan, std::set<std::string>& names, Choice& choice) {
  if (!path_exists(SweepFolder(plan.folder).record())) return;
  const SweepStatus status = read_status(plan.folder);
  if (!status.slurm.answers) throw IoError("--slurm: nothing is submitted, because it may be in Slurm's queue already");
  choice.done = status.done;
  for (const Trial& trial : status.study.trials) {
    if (trial.state == TrialState::kDone) names.insert(trial.name);
  }
  for (const OpenJob& job : status.slurm.jobs) {
    log::info(to_line(job) + "; these trials are not submitted again");
    choice.in_slurm += job.tasks.size();
    for (const OpenTask& task : job.tasks) names.insert(task.trial);
  }
  if (choice.done > 0) log::info(cat(choice.done, " of ", trials_of(plan.trials.size()), " are done already"));
}

Choice choose(const SweepPlan& plan) {
  Choice choice;
  std::set<std::string> left_out;
  leave_out(plan, left_out, choice);
  for (const PlannedTrial& trial : plan.trials) {
    if (left_out.count(trial.name) == 0) choice.trials.push_back(trial.name);
  }
  const std::optional<std::size_t> most = choice.trials.empty() ? std::nullopt : most_slurm_tasks();
  if (!most || *most == 0 || choice.trials.size() <= *most) return choice;
  choice.left = choice.trials.size() - *most;
  choice.trials.resize(*most);
  log::warning(cat("this Slurm takes no more than ", *most, " tasks in an array; ", trials_of(choice.left),
                   choice.left == 1 ? " is" : " are", " left for the next `hiddenkey sweep run --slurm`"));
  return choice;
}

void print_dry(const SlurmSubmission& submission, const CommonOptions& common) {
  std::vector<std::string> words;
  for (const std::string& word : submission.command) words.push_back(shell_word(word));
  const Json json = {{"command", submission.command}, {"script", submission.script}, {"trials", submission.trials}};
  print(common.json ? json.dump(2) + "\n" : cat(join(words, " "), "\n\n", submission.script));
}

void print_submitted(const SweepPlan& plan, const Choice& choice, const std::string& job, const CommonOptions& common) {
  if (common.json) {
    Json json = {{"job", nullptr},
                 {"trials", choice.trials},
                 {"done", choice.done},
                 {"in_slurm", choice.in_slurm},
                 {"left", choice.left}};
    if (!job.empty()) json["job"] = job;
    return print(json.dump(2) + "\n");
  }
  if (job.empty()) return print("nothing is submitted: every trial is done or in Slurm's hands\n");
  print(cat("Slurm's job ", job, " has ", trials_of(choice.trials.size()), "; `hiddenkey sweep status ",
            shell_word(plan.folder.string()), "` tells how far ", choice.trials.size() == 1 ? "it is" : "they are",
            '\n'));
}

}  // namespace

int submit_sweep(const SweepPlan& plan, const SweepOptions& options, const CommonOptions& common) {
  const SweepFolder sweep(plan.folder);
  const SlurmFolder folder(sweep);
  if (options.dry_run) {
    print_dry(plan_submission(folder, sweep, choose(plan).trials, options.slurm), common);
    return 0;
  }
  plan_submission(folder, sweep, {}, options.slurm);  // what it refuses is told before anything is written
  const FileLock shared = take_sweep(plan, FileLock::Kind::kShared);
  write_sweep(plan);
  make_writable_folder(folder.path());
  const std::optional<FileLock> own = FileLock::take(folder.lock(), FileLock::Kind::kExclusive);
  if (!own) throw ConfigError(cat("output_dir: ", plan.folder.string(), ": another process submits this sweep"));
  if (plan.workers > 1)
    log::info("workers: has no part on Slurm, where --array-limit says how many trials run at once");
  const Choice choice = choose(plan);
  std::string job;
  if (!choice.trials.empty()) job = submit(folder, plan_submission(folder, sweep, choice.trials, options.slurm)).job;
  print_submitted(plan, choice, job, common);
  return 0;
}

void require_no_open_tasks(const SweepPlan& plan) {
  const SweepFolder sweep(plan.folder);
  if (!path_exists(SlurmFolder(sweep).arrays()) || !path_exists(sweep.record())) return;
  const SweepStatus status = read_status(plan.folder);
  if (status.slurm.jobs.empty()) return;
  const OpenJob& first = status.slurm.jobs.front();
  throw ConfigError(cat("output_dir: ", plan.folder.string(), ": trials of this sweep are in Slurm's hands (",
                        to_line(first), "); `scancel ", first.job, "` takes them back"));
}

}  // namespace hiddenkey
