#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace hiddenkey {

/// What the page of one run, or of several side by side, shows, from what their folders hold by now. DataError where a
/// folder holds no run that has measured anything.
nlohmann::ordered_json run_page_data(const std::vector<std::filesystem::path>& runs);

/// The page itself.
std::string run_page(const std::vector<std::filesystem::path>& runs);

}  // namespace hiddenkey
