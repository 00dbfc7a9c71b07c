#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hiddenkey {

enum class TrialState { kWaiting, kRunning, kDone, kFailed, kPaused, kStopped };
/// "waiting", "running" and so on.
const char* name_of(TrialState state);

/// One run of a study.
struct Trial {
  std::string name, cell;
  int64_t seed = 0;
  int64_t fold = 0;                 ///< of a cross-validation, from 1; 0 without one
  nlohmann::ordered_json settings;  ///< the varied keys only
  TrialState state = TrialState::kWaiting;
  std::string error;  ///< of one that failed; of a stopped one where and why
  /// Name -> number, of the best checkpoint where one is kept, else of the last.
  nlohmann::ordered_json metrics;
  double seconds = 0, tokens_per_second = 0;
  int64_t peak_memory_bytes = 0;
  double started = 0, ended = 0;  ///< of the last attempt, in seconds since 1970; 0 where that is not known
  std::filesystem::path folder;
  std::string task;                 ///< of a trial that has finished
  std::vector<std::string> labels;  ///< of its classes, in the order of their numbers
};

struct Study {
  std::string name, metric;
  bool higher_is_better = true;
  std::string compare_to;
  std::vector<std::string> axes;
  std::vector<Trial> trials;
  nlohmann::ordered_json config;  ///< of the first trial, for what all have in common
};

/// What trials of two cells are paired by: the seed, and of a cross-validation the fold.
using Replicate = std::pair<int64_t, int64_t>;
Replicate replicate_of(const Trial& trial);

/// How much the trials of a cell depend on each other because they share training examples: of a cross-validation the
/// examples that a fold tests for each one that it trains on, 1 / (folds - 1); otherwise 0.
double shared_training(const Study& study);

/// The study's metric of a trial that has finished and has one.
std::optional<double> metric_of(const Study& study, const Trial& trial);

}  // namespace hiddenkey
