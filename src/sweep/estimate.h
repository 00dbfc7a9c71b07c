#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sweep/plan.h"
#include "sweep/shares.h"

namespace hiddenkey {

/// Trials that cost the same: they differ in rates above 0, weights, learning rates, seeds and their like.
struct CostKind {
  const PlannedTrial* example = nullptr;
  std::size_t trials = 0;
  double seconds = 0;        ///< of one trial, without the making of text
  int64_t memory_bytes = 0;  ///< of one trial at its peak
  std::string error;         ///< why its cost is not known; empty where it is
};

/// Asks `hiddenkey train --dry-run`, which trains a few steps, for one trial of each kind, one after the other, each
/// with a worker's share of the machine. Nothing where a signal asked for a stop.
std::optional<std::vector<CostKind>> estimate_costs(const SweepPlan& plan, const Share& share);

/// "about 3.4 h with 2 workers, at most 1.2 GiB each", and what it does not allow for.
std::string describe_costs(const SweepPlan& plan, const std::vector<CostKind>& kinds);

}  // namespace hiddenkey
