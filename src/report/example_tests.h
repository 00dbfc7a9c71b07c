#pragma once

#include <vector>

#include "report/study.h"
#include "report/summary.h"

namespace hiddenkey {

/// Adds to each comparison what it says over the examples of the dev split, from the predictions that runs keep, paired
/// by seed and example. Runs are left out, and one warning says which, where predictions are missing or damaged, do not
/// give the metric that the run has written, or are of other examples. A metric that is none of single examples has no
/// such test.
void add_example_tests(const Study& study, std::vector<CellSummary>& cells);

}  // namespace hiddenkey
