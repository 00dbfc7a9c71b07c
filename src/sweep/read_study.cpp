#include "sweep/read_study.h"

#include "sweep/file_lock.h"
#include "sweep/slurm_state.h"
#include "sweep/study_state.h"
#include "sweep/trial_result.h"

namespace hiddenkey {
namespace {

/// Of a trial that has no result. One that nobody runs any more has been interrupted, and goes on where it was.
TrialState state_of(const TrialHistory& history, const std::map<std::string, bool>& writes) {
  if (history.last.state == "failed") return TrialState::kFailed;
  if (history.last.state == "stopped") return TrialState::kStopped;
  if (history.last.state == "running" && writes.at(history.writer)) return TrialState::kRunning;
  return TrialState::kPaused;
}

void add_times(const std::map<std::string, TrialHistory>& histories, Trial& trial) {
  const auto history = histories.find(trial.name);
  if (history == histories.end()) return;
  trial.started = history->second.started;
  if (history->second.last.state != "running") trial.ended = history->second.last.time;
}

void fill(const std::map<std::string, TrialHistory>& histories, const std::map<std::string, bool>& writes,
          const std::string& metric, Trial& trial) {
  if (std::optional<TrialResult> result = read_trial_result(trial.folder)) {
    choose_metric(metric, *result);
    trial.state = TrialState::kDone;
    trial.metrics = result->metrics;
    trial.seconds = result->costs.seconds;
    trial.tokens_per_second = result->costs.tokens_per_second.value_or(0);
    trial.peak_memory_bytes = result->costs.peak_memory_bytes;
    trial.task = result->task;
    trial.labels = result->labels;
    return;
  }
  trial.metrics = nlohmann::ordered_json::object();
  const auto history = histories.find(trial.name);
  if (history == histories.end()) return;
  trial.state = state_of(history->second, writes);
  if (trial.state == TrialState::kFailed || trial.state == TrialState::kStopped)
    trial.error = history->second.last.error;
}

}  // namespace

StudyState read_study_state(const std::filesystem::path& path) {
  const SweepFolder folder(path);
  StudyState state{read_sweep_record(path), read_trial_logs(path), {}};
  std::map<std::string, bool> writes;
  for (const auto& [name, history] : state.histories) {
    if (writes.count(history.writer) == 0) writes[history.writer] = is_locked(folder.lock(history.writer));
  }
  Study& study = state.study;
  study.name = state.record.name;
  study.metric = state.record.metric;
  study.higher_is_better = state.record.higher_is_better;
  study.compare_to = state.record.compare_to;
  study.axes = state.record.axes;
  study.config = state.record.config;
  for (const RecordedTrial& recorded : state.record.trials) {
    Trial& trial = study.trials.emplace_back();
    trial.name = recorded.name;
    trial.cell = recorded.cell;
    trial.seed = recorded.seed;
    trial.fold = recorded.fold;
    trial.settings = recorded.settings;
    trial.folder = folder.trial(recorded.name);
    fill(state.histories, writes, study.metric, trial);
    add_times(state.histories, trial);
  }
  return state;
}

Study read_study(const std::filesystem::path& folder) {
  StudyState state = read_study_state(folder);
  ask_slurm(SweepFolder(folder), state.histories, state.study);
  return std::move(state.study);
}

}  // namespace hiddenkey
