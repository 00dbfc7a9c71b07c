#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "report/run_result.h"

namespace hiddenkey {

/// What the folder of a finished run says.
struct TrialResult {
  nlohmann::ordered_json metrics;  ///< of the first split by their names, of others as SPLIT/NAME
  nlohmann::ordered_json more;     ///< what was measured beside the task's own metrics, likewise
  RunCosts costs;
  std::string task;                 ///< empty where the folder does not say
  std::vector<std::string> labels;  ///< of the task's classes, in the order of their numbers
};

/// Takes a metric from `more` into `metrics`, where it is there: one that somebody asks for.
void choose_metric(const std::string& metric, TrialResult& result);

/// Nothing where the run has not come to its end, or what it left is damaged.
std::optional<TrialResult> read_trial_result(const std::filesystem::path& folder);

/// What the metric was at the last evaluation before a trial paused at that share of its steps, or before its end if it
/// came to that first; nothing where it has not paused there, or has no such metric.
std::optional<double> read_rung(const std::filesystem::path& folder, double share, const std::string& metric);

}  // namespace hiddenkey
