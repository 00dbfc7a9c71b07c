#include "sweep/slurm_state.h"

#include <set>
#include <string_view>
#include <unordered_map>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

/// A trial's last task.
struct TaskPlace {
  std::size_t array, number;
};

std::unordered_map<std::string, TaskPlace> places_of_undone(const std::vector<SlurmArray>& arrays, const Study& study) {
  std::unordered_map<std::string, TaskPlace> places;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    for (std::size_t number = 0; number < arrays[i].trials.size(); ++number)
      places[arrays[i].trials[number]] = {i, number};
  }
  for (const Trial& trial : study.trials) {
    if (trial.state == TrialState::kDone) places.erase(trial.name);
  }
  return places;
}

std::vector<SlurmArray> arrays_of(const std::unordered_map<std::string, TaskPlace>& places,
                                  const std::vector<SlurmArray>& arrays) {
  std::set<std::size_t> indices;
  for (const auto& [trial, place] : places) indices.insert(place.array);
  std::vector<SlurmArray> chosen;
  for (const std::size_t i : indices) chosen.push_back(arrays[i]);
  return chosen;
}

/// What stands in the task's own output, where it did not come as far as the trial.
std::string error_in(const fs::path& output) {
  constexpr std::string_view kMark = "error: ";
  std::string found;
  try {
    for (const std::string& line : split(read_file(output), '\n')) {
      if (line.starts_with(kMark)) found = line.substr(kMark.size());
      if (line.starts_with("slurmstepd: ") && found.empty()) found = line;
    }
  } catch (const Error&) {
    return "";  // it has printed nothing
  }
  return found;
}

std::string words_of(const std::string& state) {
  const std::pair<std::string_view, const char*> known[] = {
      {"TIMEOUT", "reached its time limit"}, {"OUT_OF_MEMORY", "ran out of memory"},
      {"NODE_FAIL", "lost its node"},        {"BOOT_FAIL", "had a node that did not start"},
      {"DEADLINE", "missed its deadline"},   {"CANCELLED", "was cancelled"},
      {"PREEMPTED", "was pre-empted"}};
  for (const auto& [name, words] : known) {
    if (name == state) return words;
  }
  return "ended";
}

std::string name_of(const SlurmArray& array, std::size_t number) {
  return cat("Slurm's task ", array.job, '_', number);
}

std::string reason_of(const std::string& name, const SlurmTask& task) {
  const bool says_more = !task.reason.empty() && task.reason != "None";
  return cat(name, ' ', words_of(task.state), " (", task.state, says_more ? ", " + task.reason : "", ')');
}

/// What is known of a trial beside its state.
struct Known {
  const SlurmArray& array;
  std::size_t number;
  const TrialHistory* history;  ///< nullptr: none
  fs::path output;

  bool began() const { return history != nullptr && history->started >= array.time; }
  bool last_was(const char* state) const { return began() && history->last.state == state; }
  bool is_a_tasks() const { return history != nullptr && history->writer.starts_with('/'); }
};

void fail(Trial& trial, const std::string& error) {
  trial.state = TrialState::kFailed;
  trial.error = error;
}

/// A task that is over without a result, as Slurm says, or has forgotten.
void end(const Known& known, const SlurmTask* task, Trial& trial) {
  const std::string name = name_of(known.array, known.number);
  if (trial.state == TrialState::kRunning || known.last_was("paused"))
    return;  // somebody else's now; its state is saved
  if (known.last_was("failed")) {
    const bool has_reason = task != nullptr && task->state != "FAILED" && task->state != "COMPLETED";
    if (has_reason) trial.error += cat("; ", reason_of(name, *task));
    return;
  }
  if (task == nullptr) {
    if (known.last_was("running") && known.is_a_tasks())
      fail(trial, name + " ended without a word, and Slurm does not know it any more");
    return;
  }
  const bool may_go_on = task->state == "CANCELLED" || task->state == "PREEMPTED" || task->state == "REVOKED" ||
                         task->state == "COMPLETED";
  if (may_go_on || (known.began() && !known.is_a_tasks())) return;
  const std::string error = known.began() ? "" : error_in(known.output);
  fail(trial, error.empty() ? reason_of(name, *task) : cat(error, " (", name, ')'));
}

/// Whether the task is open, in which case the trial's state is what Slurm says.
bool follow(const SlurmTask& task, Trial& trial) {
  const TaskPhase phase = phase_of(task);
  if (phase == TaskPhase::kEnded) return false;
  if (task.state == "COMPLETING") return true;  // the trial has said how it ended, if it has
  if (phase == TaskPhase::kRunning) trial.state = TrialState::kRunning;
  if (phase == TaskPhase::kPending && trial.state == TrialState::kFailed) trial.state = TrialState::kWaiting;
  trial.error.clear();
  return true;
}

}  // namespace

SlurmState ask_slurm(const SweepFolder& sweep, const std::map<std::string, TrialHistory>& histories, Study& study) {
  const SlurmFolder folder(sweep);
  const std::vector<SlurmArray> arrays = read_slurm_arrays(folder);
  const std::unordered_map<std::string, TaskPlace> places = places_of_undone(arrays, study);
  if (places.empty()) return {};
  const std::optional<SlurmTasks> tasks = SlurmTasks::ask(arrays_of(places, arrays));
  if (!tasks) return {false, {}};
  std::map<std::size_t, OpenJob> jobs;
  for (Trial& trial : study.trials) {
    const auto place = places.find(trial.name);
    if (place == places.end()) continue;
    const auto [index, number] = place->second;
    const auto history = histories.find(trial.name);
    const Known known{arrays[index], number, history == histories.end() ? nullptr : &history->second,
                      folder.output(arrays[index], number)};
    const SlurmTask* task = tasks->find(known.array, number);
    if (task == nullptr || !follow(*task, trial)) {
      end(known, task, trial);
      continue;
    }
    jobs[index].job = known.array.job;
    jobs[index].tasks.push_back({number, trial.name, *task, phase_of(*task) == TaskPhase::kPending, known.began()});
  }
  SlurmState state;
  for (auto& [index, job] : jobs) state.jobs.push_back(std::move(job));
  return state;
}

std::string to_line(const OpenJob& job) {
  std::size_t running = 0, pending = 0, requeued = 0;
  std::set<std::string> reasons;
  for (const OpenTask& task : job.tasks) {
    ++(!task.is_pending ? running : task.has_begun ? requeued : pending);
    if (task.is_pending && task.said.reason != "None" && !task.said.reason.empty()) reasons.insert(task.said.reason);
  }
  std::vector<std::string> parts;
  if (running > 0) parts.push_back(cat(running, " running"));
  if (pending > 0) parts.push_back(cat(pending, " pending"));
  if (requeued > 0) parts.push_back(cat(requeued, " requeued"));
  const std::string why = reasons.empty() ? "" : cat(" (", join({reasons.begin(), reasons.end()}, ", "), ')');
  return cat("Slurm's job ", job.job, ": ", join(parts, ", "), why);
}

nlohmann::ordered_json to_json(const OpenJob& job) {
  nlohmann::ordered_json json = {{"job", job.job}, {"tasks", nlohmann::ordered_json::array()}};
  for (const OpenTask& task : job.tasks)
    json["tasks"].push_back({{"task", task.number},
                             {"trial", task.trial},
                             {"state", task.said.state},
                             {"reason", task.said.reason},
                             {"requeued", task.is_pending && task.has_begun}});
  return json;
}

}  // namespace hiddenkey
