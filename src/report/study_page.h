#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "report/study.h"
#include "report/summary.h"

namespace hiddenkey {

/// What the page of a study shows. `folder` is where the page will lie: links to trials are relative to it.
nlohmann::ordered_json study_page_data(const Study& study, const std::vector<CellSummary>& cells,
                                       const std::vector<AxisShare>& shares, const std::filesystem::path& folder);

/// The page itself.
std::string study_page(const Study& study, const std::vector<CellSummary>& cells, const std::vector<AxisShare>& shares,
                       const std::filesystem::path& folder);

}  // namespace hiddenkey
