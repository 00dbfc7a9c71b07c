#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sweep/sweep_folder.h"

namespace hiddenkey {

/// Trials that Slurm took together, as one job of many tasks.
struct SlurmArray {
  std::string job;                  ///< the number that `scancel` and `squeue --jobs` take
  std::string cluster;              ///< "" is the one that Slurm's commands talk to of themselves
  double time = 0;                  ///< seconds since 1970, just before it was submitted
  std::vector<std::string> trials;  ///< by the task's number
};

/// Where a sweep's folder keeps what has to do with Slurm.
class SlurmFolder {
 public:
  explicit SlurmFolder(const SweepFolder& sweep) : path_(sweep.path() / "slurm") {}
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path arrays() const { return path_ / "arrays.jsonl"; }
  std::filesystem::path script() const { return path_ / "array.sh"; }
  /// Taken by whoever submits an array.
  std::filesystem::path lock() const { return path_ / "lock"; }
  /// What a task has printed.
  std::filesystem::path output(const SlurmArray& array, std::size_t task) const;

 private:
  std::filesystem::path path_;
};

/// The arrays of a sweep's folder, oldest first. Damaged lines are skipped, and a warning counts them.
std::vector<SlurmArray> read_slurm_arrays(const SlurmFolder& folder);

/// IoError that tells the job's number where the file cannot take it.
void add_slurm_array(const SlurmFolder& folder, const SlurmArray& array);

}  // namespace hiddenkey
