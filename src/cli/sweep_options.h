#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/command.h"
#include "sweep/plan.h"
#include "sweep/slurm_submit.h"

namespace hiddenkey {

struct SweepOptions {
  std::string sweep;
  std::vector<std::string> overrides;
  bool dry_run = false;
  bool on_slurm = false;
  SlurmOptions slurm;
  int64_t index = -1, of = 0;
  std::string trial;     ///< the only one that a worker runs; "": its share
  bool requeue = false;  ///< a worker's task, when Slurm warns of its time limit
  bool watch = false;
  std::string optuna;
};

// What `hiddenkey sweep` does, by its first word. Each gives the exit code.
int run_sweep(const SweepOptions& options, const CommonOptions& common);
int run_sweep_worker(const SweepOptions& options, const CommonOptions& common);
int write_sweep_report(const SweepOptions& options, const CommonOptions& common);
int show_sweep_status(const SweepOptions& options, const CommonOptions& common);

/// `run --dry-run`: the trials, what they can show, and about what they cost.
int show_plan(const SweepPlan& plan, const CommonOptions& common);
/// `run --slurm`: every trial that is neither done nor in Slurm's hands becomes a task of an array.
int submit_sweep(const SweepPlan& plan, const SweepOptions& options, const CommonOptions& common);
/// ConfigError where Slurm has trials that this process would run too.
void require_no_open_tasks(const SweepPlan& plan);

}  // namespace hiddenkey
