#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "report/study.h"
#include "sweep/slurm_tasks.h"
#include "sweep/trial_log.h"

namespace hiddenkey {

/// A task that is not over.
struct OpenTask {
  std::size_t number = 0;
  std::string trial;
  SlurmTask said;
  bool is_pending = false;
  bool has_begun = false;  ///< of a pending one: it ran before, and was put back into the queue
};

struct OpenJob {
  std::string job;
  std::vector<OpenTask> tasks;
};

/// What of a sweep is in Slurm's hands.
struct SlurmState {
  bool answers = true;
  std::vector<OpenJob> jobs;  ///< that have tasks which are not over
};

/// Asks Slurm about the trials that are not done, and puts into the study what their folders cannot know: tasks run
/// where no lock can be seen, and a task that was killed has said nothing of it.
SlurmState ask_slurm(const SweepFolder& folder, const std::map<std::string, TrialHistory>& histories, Study& study);

/// "Slurm's job 12: 1 running, 3 pending (Resources), 1 requeued"
std::string to_line(const OpenJob& job);
nlohmann::ordered_json to_json(const OpenJob& job);

}  // namespace hiddenkey
