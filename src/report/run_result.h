#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "score/class_report.h"
#include "score/metric_values.h"

/// result.json, which a run writes at its end: what it says, and what is read of it.
namespace hiddenkey {

struct BestResult {
  int64_t step = 0;
  double value = 0;  ///< of the metric that the run is judged by
};

/// How far a run came, and how well.
struct RunOutcome {
  int64_t steps = 0;
  std::string metric;  ///< the one that the run is judged by
  std::optional<BestResult> best;
};

/// What a run took.
struct RunCosts {
  double seconds = 0;  ///< of training
  std::optional<double> tokens_per_second;
  int64_t peak_memory_bytes = 0;
};

/// The last evaluation of a split.
struct SplitResult {
  std::string split;
  Measures measures;
  std::optional<ClassReport> report;
};

/// The texts that were made last for the prompts of the dev split.
struct TextResult {
  int64_t step = 0;
  std::size_t prompts = 0;
  MetricValues metrics;
};

/// What was found where the use of CUDA was checked (see StepWatch).
struct CudaCheck {
  int64_t checked_steps = 0;
  int64_t device_allocations = 0;
};

struct RunResult {
  std::string task, scheme;
  int64_t seed = 0;
  RunOutcome outcome;
  std::vector<SplitResult> splits;
  bool makes_text = false;         ///< whether the task is one of generation
  std::optional<TextResult> text;  ///< nothing where none was made
  int64_t planned_steps = 0;
  int64_t tokens = 0;  ///< trained on
  RunCosts costs;
  int64_t trained_parameters = 0;
  std::string device;
  nlohmann::ordered_json config;  ///< every key that had a part in the run
  std::optional<CudaCheck> cuda_check;
};

/// What result.json holds.
nlohmann::ordered_json to_json(const RunResult& result);

// What is read of a result.json that some version has written. Nothing where it lacks a key, or has something else
// there.
std::optional<RunOutcome> outcome_in(const nlohmann::ordered_json& result);
std::optional<RunCosts> costs_in(const nlohmann::ordered_json& result);
/// An object of the metrics of the last texts; an empty one where none were made.
std::optional<nlohmann::ordered_json> text_metrics_in(const nlohmann::ordered_json& result);

/// Takes out of a result.json what a page does not show: the config, and what stands beside the task's own metrics.
void leave_out_details(nlohmann::ordered_json& result);

}  // namespace hiddenkey
