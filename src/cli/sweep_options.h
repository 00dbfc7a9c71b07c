#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/command.h"
#include "sweep/plan.h"

namespace hiddenkey {

struct SweepOptions {
  std::string sweep;
  std::vector<std::string> overrides;
  bool dry_run = false;
  int64_t index = -1, of = 0;
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

}  // namespace hiddenkey
