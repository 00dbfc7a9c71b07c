#include "sweep/status.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/text.h"
#include "sweep/file_lock.h"
#include "sweep/study_state.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

void count(const Trial& trial, SweepStatus& status) {
  switch (trial.state) {
    case TrialState::kDone:
      ++status.done;
      break;
    case TrialState::kRunning:
      ++status.running;
      break;
    case TrialState::kFailed:
      ++status.failed;
      break;
    case TrialState::kPaused:
      ++status.paused;
      break;
    case TrialState::kStopped:
      ++status.stopped;
      break;
    case TrialState::kWaiting:
      ++status.waiting;
  }
}

std::optional<std::size_t> best_of(const Study& study) {
  std::optional<std::size_t> best;
  double best_value = 0;
  for (std::size_t i = 0; i < study.trials.size(); ++i) {
    const std::optional<double> value = metric_of(study, study.trials[i]);
    if (!value || (best && !(study.higher_is_better ? *value > best_value : *value < best_value))) continue;
    best = i;
    best_value = *value;
  }
  return best;
}

/// What the trials that are done took, by the clock, for each that is left; as many at once as there are workers.
std::optional<double> time_left(const StudyState& state, std::size_t left) {
  double seconds = 0;
  std::size_t done = 0;
  for (const Trial& trial : state.study.trials) {
    if (trial.state != TrialState::kDone) continue;
    const auto history = state.histories.find(trial.name);
    const double taken = history == state.histories.end() ? 0 : history->second.seconds;
    seconds += taken > 0 ? taken : trial.seconds;
    ++done;
  }
  if (done == 0 || left == 0) return std::nullopt;
  const auto workers =
      static_cast<double>(std::clamp<std::size_t>(static_cast<std::size_t>(state.record.workers), 1, left));
  return seconds / static_cast<double>(done) * static_cast<double>(left) / workers;
}

std::string shown_time(double seconds) {
  if (seconds < 90) return cat(std::lround(seconds), " s");
  if (seconds < 5400) return cat(std::lround(seconds / 60), " min");
  char text[32];
  std::snprintf(text, sizeof text, "%.1f h", seconds / 3600);
  return text;
}

std::string shown_value(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value);
  return text;
}

}  // namespace

SweepStatus read_status(const std::filesystem::path& folder) {
  StudyState state = read_study_state(folder);
  SweepStatus status;
  for (const Trial& trial : state.study.trials) count(trial, status);
  status.seconds_left = time_left(state, status.running + status.paused + status.waiting);
  status.is_driven = is_locked(SweepFolder(folder).lock()) || status.running > 0;
  status.study = std::move(state.study);
  status.best = best_of(status.study);
  return status;
}

std::string counts_line(const SweepStatus& status) {
  const std::pair<std::size_t, const char*> counts[] = {{status.done, "done"},       {status.running, "running"},
                                                        {status.failed, "failed"},   {status.paused, "paused"},
                                                        {status.stopped, "stopped"}, {status.waiting, "waiting"}};
  std::vector<std::string> parts;
  for (const auto& [number, name] : counts) {
    if (number > 0) parts.push_back(cat(number, ' ', name));
  }
  return cat(status.study.trials.size(), status.study.trials.size() == 1 ? " trial: " : " trials: ", join(parts, ", "));
}

std::string to_text(const SweepStatus& status) {
  std::string text = counts_line(status) + "\n";
  if (status.best) {
    const Trial& best = status.study.trials[*status.best];
    text += cat("best so far: ", status.study.metric, ' ', shown_value(*metric_of(status.study, best)), "  ", best.name,
                '\n');
  }
  if (status.seconds_left) text += cat("time left: about ", shown_time(*status.seconds_left), '\n');
  for (const Trial& trial : status.study.trials) {
    if (trial.state == TrialState::kRunning) text += cat("running: ", trial.name, '\n');
    if (trial.state == TrialState::kFailed) text += cat("failed: ", trial.name, ": ", trial.error, '\n');
  }
  return text;
}

Json to_json(const SweepStatus& status) {
  Json json = {{"name", status.study.name},
               {"metric", status.study.metric},
               {"trials", status.study.trials.size()},
               {"done", status.done},
               {"running", status.running},
               {"failed", status.failed},
               {"paused", status.paused},
               {"stopped", status.stopped},
               {"waiting", status.waiting},
               {"is_driven", status.is_driven},
               {"seconds_left", nullptr},
               {"best", nullptr},
               {"running_trials", Json::array()},
               {"failed_trials", Json::array()}};
  if (status.seconds_left) json["seconds_left"] = std::round(*status.seconds_left);
  if (status.best) {
    const Trial& best = status.study.trials[*status.best];
    json["best"] = {
        {"trial", best.name}, {"cell", best.cell}, {"seed", best.seed}, {"value", *metric_of(status.study, best)}};
  }
  for (const Trial& trial : status.study.trials) {
    if (trial.state == TrialState::kRunning) json["running_trials"].push_back(trial.name);
    if (trial.state == TrialState::kFailed)
      json["failed_trials"].push_back({{"trial", trial.name}, {"error", trial.error}});
  }
  return json;
}

}  // namespace hiddenkey
