#pragma once

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sweep/plan.h"
#include "sweep/process.h"
#include "sweep/shares.h"
#include "sweep/sweep_folder.h"
#include "sweep/trial_log.h"

namespace hiddenkey {

/// How the trials of one driver, or worker, have ended.
struct Outcome {
  std::size_t done = 0, failed = 0, left = 0;  ///< done: paused, too, where they were to; left: not begun, or stopped
};

/// "25% of its steps"
std::string shown_share(double share);

/// What some trials are run for: to their ends, or to a share of their steps, where they pause.
struct Stage {
  std::vector<const PlannedTrial*> trials;
  std::optional<double> pause_at;
};

/// Runs trials as processes of this program, as many at a time as there are shares.
class Driver {
 public:
  /// `writer` names its log: "" or a worker's "-3-of-8".
  Driver(const SweepPlan& plan, const Stage& stage, std::vector<Share> shares, const std::string& writer);

  /// Ends when every trial is done or has failed for good, or when a signal asks for it and the processes have saved
  /// their states.
  Outcome run();

 private:
  struct Waiting {
    const PlannedTrial* trial;
    int64_t attempt;
  };
  struct Running {
    Waiting what;
    pid_t process;
    std::size_t slot;
  };

  void start_what_can();
  void start(const Waiting& waiting, std::size_t slot);
  Command command_of(const PlannedTrial& trial, const Share& share) const;
  bool is_done(const PlannedTrial& trial) const;
  void ended(const Running& running, const ProcessEnd& end);
  void failed(const Waiting& what, int exit_code, const std::string& error);
  void collect();
  void stop_processes() const;
  bool is_taken(const PlannedTrial& trial);
  std::string progress() const;

  SweepFolder folder_;
  std::vector<Share> shares_;
  std::vector<bool> slot_taken_;
  std::optional<double> pause_at_;
  std::string metric_;
  int64_t retries_;
  std::filesystem::path program_;
  TrialLog log_;
  std::deque<Waiting> waiting_;
  std::vector<Running> running_;
  std::set<std::string> told_;  ///< trials that another process was seen to write
  Outcome outcome_;
  std::size_t total_;
};

}  // namespace hiddenkey
