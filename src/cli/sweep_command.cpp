#include <algorithm>
#include <memory>

#include "cli/sweep_options.h"
#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

struct SweepAction {
  const char* name;
  int (*run)(const SweepOptions&, const CommonOptions&);
  std::vector<const char*> options;  ///< that belong to it alone
  bool takes_keys;                   ///< key=value
};

const std::vector<SweepAction>& sweep_actions() {
  static const std::vector<SweepAction> kActions = {
      {"run", run_sweep, {"--dry-run", "--slurm"}, true},
      {"status", show_sweep_status, {"--watch"}, false},
      {"report", write_sweep_report, {"--optuna"}, false},
      {"worker", run_sweep_worker, {"--index", "--of", "--trial", "--requeue"}, true}};
  return kActions;
}

std::vector<std::string> action_names() {
  std::vector<std::string> names;
  for (const SweepAction& action : sweep_actions()) names.emplace_back(action.name);
  return names;
}

/// An option of another action would be ignored.
void require_own_options(const CLI::App& command, const SweepAction& chosen, const SweepOptions& options) {
  for (const SweepAction& action : sweep_actions()) {
    for (const char* option : action.options) {
      if (command.count(option) > 0 && action.name != chosen.name)
        throw ConfigError(cat(option, " belongs to `hiddenkey sweep ", action.name, '`'));
    }
  }
  if (!options.slurm.passed_on.empty() && !options.on_slurm)
    throw ConfigError(
        cat('"', options.slurm.passed_on.front(), "\": what stands behind -- goes to sbatch, with --slurm"));
  if (!chosen.takes_keys && !options.overrides.empty())
    throw ConfigError(cat('"', options.overrides.front(), "\": `hiddenkey sweep ", chosen.name,
                          "` takes a sweep's folder and no keys"));
}

void add_slurm_options(CLI::App& command, SweepOptions& options) {
  CLI::Option* slurm = command.add_flag(
      "--slurm", options.on_slurm,
      "Submit the trials to Slurm as one job array, a task each; what stands behind -- goes to sbatch as it is");
  slurm->group("Slurm");
  const auto add = [&](const char* name, auto& value, const char* help) {
    return command.add_option(name, value, help)->needs(slurm)->group("Slurm");
  };
  add("--partition", options.slurm.partition, "Where the tasks run");
  add("--gpus-per-task", options.slurm.gpus_per_task, "GPUs of a task: a number, or type:number");
  add("--time", options.slurm.time, "How long a task may run; one that needs longer goes on in the queue");
  add("--array-limit", options.slurm.array_limit, "How many tasks run at once")->check(CLI::PositiveNumber);
}

void add_worker_options(CLI::App& command, SweepOptions& options) {
  const char* group = "Worker";
  CLI::Option* index = command.add_option("--index", options.index, "Which worker this is, from 0")->group(group);
  command.add_option("--of", options.of, "How many workers share the trials; otherwise there are as many as trials")
      ->check(CLI::PositiveNumber)
      ->needs(index)
      ->group(group);
  command.add_option("--trial", options.trial, "The one trial to run, by its name")->excludes(index)->group(group);
  command
      .add_flag("--requeue", options.requeue, "Go back into Slurm's queue when it warns of the time limit (SIGUSR1)")
      ->group(group);
}

}  // namespace

void add_sweep_command(CLI::App& program, CommonOptions& common, Action& action) {
  const auto options = std::make_shared<SweepOptions>();
  const auto name = std::make_shared<std::string>();
  CLI::App* command = add_command(program, common, "sweep",
                                  "Many runs by one file: grids over config keys and seeds, to their end and resumable",
                                  "hiddenkey sweep run sweep.yaml training.learning_rate=1e-4,4e-4 workers=2");
  command
      ->add_option("ACTION", *name,
                   "run trains every trial that is not done, here or on Slurm; worker does the share of one of several "
                   "machines; status tells how far they are; report writes tables and a page with figures of what has "
                   "finished into the sweep's folder")
      ->required()
      ->check(CLI::IsMember(action_names()));
  command->add_option("SWEEP", options->sweep, "YAML or JSON file, or a sweep's folder")->required();
  command->add_option("key=value", options->overrides,
                      "Several values of a config key, with commas, are an axis; one is every trial's");
  command
      ->add_flag("--dry-run", options->dry_run,
                 "List the trials, what they can show, and about what they cost, by trying a few steps; write nothing")
      ->group("Run");
  add_slurm_options(*command, *options);
  add_worker_options(*command, *options);
  command->add_flag("--watch", options->watch, "Go on telling until nothing runs any more")->group("Status");
  command
      ->add_option("--optuna", options->optuna, "Also write the study as a journal that Optuna and its dashboard open")
      ->type_name("FILE")
      ->group("Report");
  add_json_flag(*command, common);
  command->callback([options, name, command, &common, &action] {
    action = [options, name, command, &common] {
      const auto chosen = std::find_if(sweep_actions().begin(), sweep_actions().end(),
                                       [&](const SweepAction& known) { return known.name == *name; });
      options->slurm.passed_on = common.passed_on;
      require_own_options(*command, *chosen, *options);
      return chosen->run(*options, common);
    };
  });
}

}  // namespace hiddenkey
