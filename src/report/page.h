#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace hiddenkey {

/// One HTML file that needs nothing beside itself: report/page/TEMPLATE with the style, ECharts, the shared scripts and
/// those that are named, and the data that they show. No script but these can run in it, whatever the data says.
std::string make_page(std::string_view html, const std::vector<std::string_view>& scripts,
                      const nlohmann::ordered_json& data);

/// JSON that stays within its element of HTML, whatever its texts say: no "<" stands in it.
std::string json_for_html(const nlohmann::ordered_json& data);

/// Six digits, as a figure needs them; null for what is no number.
nlohmann::ordered_json short_number(double value);

}  // namespace hiddenkey
