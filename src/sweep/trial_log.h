#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace hiddenkey {

/// What a trials.jsonl has a line for.
struct TrialEvent {
  std::string trial;
  std::string state;  ///< running, done, failed, paused
  double time = 0;    ///< seconds since 1970
  int64_t attempt = 1;
  std::optional<int> exit_code;
  std::string error;
};

/// Appends events to a file. One that the disk does not take is lost, which is warned of once: what a trial has reached
/// stands in its own folder.
class TrialLog {
 public:
  explicit TrialLog(const std::filesystem::path& path);  ///< IoError where it cannot be opened
  ~TrialLog();
  TrialLog(const TrialLog&) = delete;
  TrialLog& operator=(const TrialLog&) = delete;

  /// With the time that it is.
  void write(TrialEvent event);

 private:
  std::string path_;
  int file_ = -1;
  bool warned_ = false;
};

/// All that is known of a trial's attempts.
struct TrialHistory {
  TrialEvent last;
  std::string writer;  ///< of the last event: as SweepFolder has it
  double started = 0;  ///< of the last attempt
  double seconds = 0;  ///< of all attempts that have ended
};

/// The events of every trials*.jsonl and tasks/*.jsonl in a sweep's folder. Damaged lines are skipped, and a warning
/// counts them.
std::map<std::string, TrialHistory> read_trial_logs(const std::filesystem::path& folder);

}  // namespace hiddenkey
