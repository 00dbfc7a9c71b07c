#pragma once

#include <string_view>

namespace hiddenkey {

/// A file of report/page, or "echarts.js", as it was when the program was built.
std::string_view page_file(std::string_view name);

}  // namespace hiddenkey
