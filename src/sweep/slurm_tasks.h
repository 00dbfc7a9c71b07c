#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "sweep/slurm_arrays.h"

namespace hiddenkey {

/// What Slurm says of one task, in its own words: "PENDING" and "Resources", "TIMEOUT" and "TimeLimit".
struct SlurmTask {
  std::string state, reason;
};

enum class TaskPhase { kPending, kRunning, kEnded };

/// A state that this program does not know counts as running, so that nothing is submitted twice.
TaskPhase phase_of(const SlurmTask& task);

/// The tasks of some arrays, as far as Slurm still knows them.
class SlurmTasks {
 public:
  /// Asks the queue, and the accounting about tasks that have left the queue. Nothing where Slurm does not answer; a
  /// warning says why then.
  static std::optional<SlurmTasks> ask(const std::vector<SlurmArray>& arrays);

  /// nullptr where Slurm does not know the task any more.
  const SlurmTask* find(const SlurmArray& array, std::size_t number) const;

 private:
  using Key = std::tuple<std::string, std::string, std::size_t>;  ///< cluster, job, number
  bool ask_queue(const std::string& cluster, const std::string& jobs);
  void ask_accounting(const std::string& cluster, const std::string& jobs);
  bool knows(const SlurmArray& array) const;

  std::map<Key, SlurmTask> tasks_;
};

}  // namespace hiddenkey
