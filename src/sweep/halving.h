#pragma once

#include <string>
#include <vector>

#include "sweep/driver.h"

namespace hiddenkey {

/// Takes all trials to each rung, and the trials of the best cells on to the next one and at last to their ends. A cell
/// is judged by the mean of the metric over its trials at the rung, so that no seed is picked; the cell that is
/// compared to always goes on. What is chosen depends on nothing but what stands in the trials' folders: a driver that
/// begins again chooses the same. Trials of the other cells are told to have been stopped.
Outcome run_with_halving(const SweepPlan& plan, const std::vector<Share>& shares);

/// The cells that go on: the best `keep` of those that have a value, rounded up, and the one that is compared to. Ties
/// are kept in the plan's order.
struct RungValue {
  std::string cell;
  double value = 0;
};
std::vector<std::string> cells_that_go_on(const std::vector<RungValue>& values, double keep, bool higher_is_better,
                                          const std::string& compare_to);

}  // namespace hiddenkey
