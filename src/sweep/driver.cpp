#include "sweep/driver.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/log.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "sweep/trial_result.h"

namespace hiddenkey {
namespace {

constexpr auto kPause = std::chrono::milliseconds(50);

/// The error that a trial has printed last, without its "error: "; "" where there is none.
std::string error_line(const fs::path& messages) {
  std::string found;
  try {
    constexpr std::string_view kMark = "error: ";
    for (const std::string& line : split(read_file(messages), '\n')) {
      if (line.starts_with(kMark)) found = line.substr(kMark.size());
    }
  } catch (const IoError&) {
    return "";  // it died before it said anything
  }
  return found;
}

std::string shown_metric(const std::string& metric, double value) {
  char text[64];
  std::snprintf(text, sizeof text, "  %s %.4f", metric.c_str(), value);
  return text;
}

std::string shown_metric(const TrialResult& result, const std::string& metric) {
  const auto value = result.metrics.find(metric);
  return value == result.metrics.end() ? "" : shown_metric(metric, value->get<double>());
}

}  // namespace

std::string reason_of(const ProcessEnd& end, const fs::path& messages) {
  if (std::string line = error_line(messages); !line.empty()) return line;
  if (end.signal != 0) return cat("killed by signal ", end.signal, " (", ::strsignal(end.signal), ')');
  if (end.exit_code == static_cast<int>(ErrorKind::kStopped)) return "stopped by a signal from outside";
  return cat("ended with exit code ", end.exit_code, " and without an error message");
}

std::map<std::string, std::string> environment_of(const Share& share, const RunConfig& config) {
  std::map<std::string, std::string> environment = {{"OMP_NUM_THREADS", cat(share.threads)}};
  // Threads that spin while they wait keep others off their cores. Where there are no others, waking up costs more.
  if (!share.alone && std::getenv("OMP_WAIT_POLICY") == nullptr) environment["OMP_WAIT_POLICY"] = "passive";
  const bool chosen = config.training.device.find(':') != std::string::npos;
  if (!share.gpu.empty() && !chosen) environment["CUDA_VISIBLE_DEVICES"] = share.gpu;
  return environment;
}

std::string shown_share(double share) { return cat(format_number(std::round(share * 1e4) / 1e2), "% of its steps"); }

Driver::Driver(const SweepPlan& plan, const Stage& stage, std::vector<Share> shares, const std::string& writer)
    : folder_(plan.folder),
      shares_(std::move(shares)),
      slot_taken_(shares_.size(), false),
      pause_at_(stage.pause_at),
      metric_(plan.metric),
      retries_(plan.retries),
      program_(fs::read_symlink("/proc/self/exe")),
      log_(folder_.log(writer)),
      total_(stage.trials.size()) {
  for (const PlannedTrial* trial : stage.trials) {
    if (is_done(*trial)) {
      ++outcome_.done;
    } else {
      waiting_.push_back({trial, 1});
    }
  }
}

Outcome Driver::run() {
  if (outcome_.done > 0)
    log::info(cat(outcome_.done, " of ", total_, pause_at_ ? " trials wait already" : " trials are done already"));
  bool stopping = false;
  while (!running_.empty() || (!waiting_.empty() && !stopping)) {
    if (stop_requested() && !stopping) {
      stopping = true;
      stop_processes();
    }
    if (!stopping) start_what_can();
    std::this_thread::sleep_for(kPause);
    collect();
  }
  outcome_.left = total_ - outcome_.done - outcome_.failed;
  return outcome_;
}

/// A trial that another process writes keeps its place until that has ended: the trials of a driver that was killed
/// take a moment to save their states.
void Driver::start_what_can() {
  for (std::size_t slot = 0; slot < shares_.size(); ++slot) {
    if (slot_taken_[slot]) continue;
    const auto next = std::find_if(waiting_.begin(), waiting_.end(),
                                   [&](const Waiting& waiting) { return !is_taken(*waiting.trial); });
    if (next == waiting_.end()) return;
    const Waiting chosen = *next;
    waiting_.erase(next);
    start(chosen, slot);
  }
}

bool Driver::is_taken(const PlannedTrial& trial) {
  const fs::path folder = folder_.trial(trial.name);
  if (!path_exists(folder)) return false;
  try {
    const FolderClaim claim(folder);
    return false;
  } catch (const ConfigError&) {
    if (told_.insert(trial.name).second) log::notice(cat(trial.name, ": waits for a process that still writes there"));
    return true;
  } catch (const IoError&) {
    return false;  // the trial itself says what is wrong
  }
}

Command Driver::command_of(const PlannedTrial& trial, const Share& share) const {
  Command command{program_, {"train", folder_.config(trial.name).string(), "--quiet"}, {}, {}};
  if (path_exists(folder_.trial(trial.name) / "config.yaml")) command.arguments.emplace_back("--resume");
  if (pause_at_) command.arguments.insert(command.arguments.end(), {"--pause-at", format_number(*pause_at_)});
  command.environment = environment_of(share, trial.config);
  command.messages = folder_.messages(trial.name);
  return command;
}

void Driver::start(const Waiting& waiting, std::size_t slot) {
  const PlannedTrial& trial = *waiting.trial;
  try {
    write_file_atomically(folder_.config(trial.name), to_yaml(trial.config));
    const Command command = command_of(trial, shares_[slot]);
    log_.write({trial.name, "running", 0, waiting.attempt, {}, {}});
    running_.push_back({waiting, start_process(command), slot});
  } catch (const Error& error) {
    return failed(waiting, error.exit_code(), error.what());
  }
  slot_taken_[slot] = true;
  log::info(cat(trial.name, ": starts", waiting.attempt > 1 ? cat(" again (attempt ", waiting.attempt, ')') : ""));
}

void Driver::collect() {
  for (std::size_t i = 0; i < running_.size();) {
    const std::optional<ProcessEnd> end = poll_process(running_[i].process);
    if (!end) {
      ++i;
      continue;
    }
    const Running done = running_[i];
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    slot_taken_[done.slot] = false;
    ended(done, *end);
  }
}

bool Driver::is_done(const PlannedTrial& trial) const {
  const fs::path folder = folder_.trial(trial.name);
  return (pause_at_ && read_rung(folder, *pause_at_, metric_)) || read_trial_result(folder);
}

void Driver::ended(const Running& running, const ProcessEnd& end) {
  const PlannedTrial& trial = *running.what.trial;
  const bool was_stopped = end.exit_code == static_cast<int>(ErrorKind::kStopped) || end.signal == SIGTERM;
  if (pause_at_ && was_stopped) {
    if (const std::optional<double> value = read_rung(folder_.trial(trial.name), *pause_at_, metric_)) {
      ++outcome_.done;
      log_.write({trial.name, "paused", 0, running.what.attempt, end.exit_code, {}});
      log::info(cat(trial.name, ": has done ", shown_share(*pause_at_), shown_metric(metric_, *value), progress()));
      return;
    }
  }
  if (std::optional<TrialResult> result = read_trial_result(folder_.trial(trial.name)); result && end.exit_code == 0) {
    choose_metric(metric_, *result);
    ++outcome_.done;
    log_.write({trial.name, "done", 0, running.what.attempt, 0, {}});
    log::info(cat(trial.name, ": done", shown_metric(*result, metric_), progress()));
    return;
  }
  if (stop_requested() && was_stopped)
    return log_.write({trial.name, "paused", 0, running.what.attempt, end.exit_code, {}});
  failed(running.what, end.exit_code, reason_of(end, folder_.messages(trial.name)));
}

void Driver::failed(const Waiting& what, int exit_code, const std::string& error) {
  log_.write({what.trial->name, "failed", 0, what.attempt, exit_code, error});
  const bool again = what.attempt <= retries_;
  if (again) {
    waiting_.push_back({what.trial, what.attempt + 1});
  } else {
    ++outcome_.failed;
  }
  log::warning(
      cat(what.trial->name, ": ", again ? "failed and is tried again: " : "failed: ", error, again ? "" : progress()));
}

void Driver::stop_processes() const {
  log::notice(cat("stopping: ", running_.size(), running_.size() == 1 ? " trial saves its" : " trials save their",
                  running_.size() == 1 ? " state" : " states"));
  for (const Running& running : running_) ::kill(running.process, SIGTERM);
}

std::string Driver::progress() const {
  return cat(" (", outcome_.done + outcome_.failed, " of ", total_,
             pause_at_ ? " trials wait)" : " trials have ended)");
}

}  // namespace hiddenkey
