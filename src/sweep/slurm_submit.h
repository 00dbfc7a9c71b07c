#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sweep/slurm_arrays.h"

namespace hiddenkey {

/// What the command line says of the array.
struct SlurmOptions {
  std::string partition, gpus_per_task, time;  ///< "" is Slurm's own
  int64_t array_limit = 0;                     ///< tasks at once; 0: as many as Slurm gives
  std::vector<std::string> passed_on;          ///< to sbatch, as they are
};

/// An array before Slurm has it.
struct SlurmSubmission {
  std::vector<std::string> command;  ///< sbatch with its options
  std::string script;                ///< what each task runs
  std::vector<std::string> trials;   ///< by the task's number
};

/// ConfigError where an option that is passed on is one of those that make the array what it is.
SlurmSubmission plan_submission(const SlurmFolder& folder, const SweepFolder& sweep,
                                const std::vector<std::string>& trials, const SlurmOptions& options);

/// How many tasks an array may have here; nothing where Slurm does not say.
std::optional<std::size_t> most_slurm_tasks();

/// ConfigError with sbatch's own words where it refuses, or is not there.
SlurmArray submit(const SlurmFolder& folder, const SlurmSubmission& submission);

/// Puts the task that runs this process back into the queue. A warning where Slurm refuses.
void requeue_this_task();

}  // namespace hiddenkey
