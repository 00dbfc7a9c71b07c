#pragma once

#include <cstdint>
#include <optional>

#include "train/job.h"

namespace hiddenkey {

/// How long a run will take on this machine as it is now, without the making of text: an estimate.
struct TimeEstimate {
  double step_seconds = 0;        ///< of a step with the data's mean number of tokens
  double evaluation_seconds = 0;  ///< of one evaluation of all splits
  int64_t evaluations = 0;
  double total_seconds = 0;
};

/// Trains some of the job's first steps, and evaluates some of its examples, without writing anything; the weights are
/// others afterwards. Nothing where a signal asked for a stop.
std::optional<TimeEstimate> estimate_time(Job& job);

}  // namespace hiddenkey
