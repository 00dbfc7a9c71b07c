#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "report/study.h"

namespace hiddenkey {

/// A sweep at one moment.
struct SweepStatus {
  Study study;
  std::size_t done = 0, running = 0, failed = 0, paused = 0, stopped = 0, waiting = 0;
  std::optional<double> seconds_left;  ///< by the trials that are done; nothing before the first of them
  std::optional<std::size_t> best;     ///< its place in the study's trials
  bool is_driven = false;              ///< some process runs trials, or is about to
};

/// ConfigError where the folder is no sweep's.
SweepStatus read_status(const std::filesystem::path& folder);

/// "12 trials: 7 done, 1 running, 4 waiting".
std::string counts_line(const SweepStatus& status);
/// That and the best trial, the time left, the running trials and the failed ones, a line each.
std::string to_text(const SweepStatus& status);
nlohmann::ordered_json to_json(const SweepStatus& status);

}  // namespace hiddenkey
