#include "sweep/slurm_tasks.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "sweep/ask_program.h"

namespace hiddenkey {
namespace {

bool is_one_of(const std::string& state, std::initializer_list<std::string_view> states) {
  return std::find(states.begin(), states.end(), state) != states.end();
}

std::optional<std::size_t> number_of(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::make_optional(number) : std::nullopt;
}

void tell_silence(const std::string& reason) {
  log::warning(cat("Slurm does not tell how far its tasks are: ", reason));
}

std::vector<std::string> with_cluster(std::vector<std::string> command, const std::string& cluster) {
  if (!cluster.empty()) command.push_back("--clusters=" + cluster);
  return command;
}

}  // namespace

TaskPhase phase_of(const SlurmTask& task) {
  if (is_one_of(task.state, {"PENDING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "RESV_DEL_HOLD"}))
    return TaskPhase::kPending;
  if (is_one_of(task.state, {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "BOOT_FAIL",
                             "DEADLINE", "PREEMPTED", "REVOKED", "LAUNCH_FAILED", "RECONFIG_FAIL"}))
    return TaskPhase::kEnded;
  return TaskPhase::kRunning;
}

const SlurmTask* SlurmTasks::find(const SlurmArray& array, std::size_t number) const {
  const auto found = tasks_.find({array.cluster, array.job, number});
  return found == tasks_.end() ? nullptr : &found->second;
}

bool SlurmTasks::knows(const SlurmArray& array) const {
  for (std::size_t number = 0; number < array.trials.size(); ++number) {
    if (find(array, number) == nullptr) return false;
  }
  return true;
}

/// False where Slurm does not answer. Of jobs that it does not know any more it says that their numbers are invalid.
bool SlurmTasks::ask_queue(const std::string& cluster, const std::string& jobs) {
  const std::optional<Answer> answer = ask_program(with_cluster(
      {"squeue", "--noheader", "--array", "--states=all", "--jobs=" + jobs, "--format=%F|%K|%T|%r"}, cluster));
  if (!answer) return tell_silence("there is no squeue on PATH"), false;
  if (answer->exit_code != 0) {
    if (answer->errors.find("Invalid job id") != std::string::npos) return true;
    return tell_silence(answer->errors.substr(0, answer->errors.find('\n'))), false;
  }
  for (const std::string& line : split(answer->output, '\n')) {
    const std::vector<std::string> parts = split(line, '|');
    if (parts.size() != 4) continue;
    if (const std::optional<std::size_t> number = number_of(parts[1]))
      tasks_[{cluster, parts[0], *number}] = {parts[2], parts[3]};
  }
  return true;
}

/// Many a Slurm keeps no accounts, which is no fault.
void SlurmTasks::ask_accounting(const std::string& cluster, const std::string& jobs) {
  const std::optional<Answer> answer = ask_program(with_cluster(
      {"sacct", "--noheader", "--parsable2", "--allocations", "--jobs=" + jobs, "--format=JobID,State"}, cluster));
  if (!answer || answer->exit_code != 0) return log::debug("Slurm keeps no accounts");
  for (const std::string& line : split(answer->output, '\n')) {
    const std::vector<std::string> parts = split(line, '|');
    if (parts.size() != 2) continue;
    const std::vector<std::string> names = split(parts[0], '_');
    const std::optional<std::size_t> number = names.size() == 2 ? number_of(names[1]) : std::nullopt;
    // "CANCELLED by 1000" says who; what the queue says is newer.
    if (number) tasks_.emplace(Key{cluster, names[0], *number}, SlurmTask{split(parts[1], ' ').front(), ""});
  }
}

std::optional<SlurmTasks> SlurmTasks::ask(const std::vector<SlurmArray>& arrays) {
  SlurmTasks tasks;
  std::map<std::string, std::vector<const SlurmArray*>> by_cluster;
  for (const SlurmArray& array : arrays) by_cluster[array.cluster].push_back(&array);
  try {
    for (const auto& [cluster, members] : by_cluster) {
      std::vector<std::string> jobs, unknown;
      for (const SlurmArray* array : members) jobs.push_back(array->job);
      if (!tasks.ask_queue(cluster, join(jobs, ","))) return std::nullopt;
      for (const SlurmArray* array : members) {
        if (!tasks.knows(*array)) unknown.push_back(array->job);
      }
      if (!unknown.empty()) tasks.ask_accounting(cluster, join(unknown, ","));
    }
  } catch (const IoError& error) {
    tell_silence(error.what());
    return std::nullopt;
  }
  return tasks;
}

}  // namespace hiddenkey
