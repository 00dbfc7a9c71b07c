#pragma once

#include <string>
#include <vector>

#include "report/summary.h"

namespace hiddenkey {

/// A row a trial: name, cell, seed, fold where there are some, state, every varied key, every metric, time, speed,
/// memory, error (RFC 4180).
std::string trials_csv(const Study& study);

/// A row a cell, with all digits (RFC 4180).
std::string summary_csv(const std::vector<CellSummary>& cells);

/// The same for people: the metric to four digits, and what the columns mean.
std::string summary_markdown(const Study& study, const std::vector<CellSummary>& cells,
                             const std::vector<AxisShare>& shares);

/// A table for a paper (booktabs).
std::string summary_latex(const Study& study, const std::vector<CellSummary>& cells);

}  // namespace hiddenkey
