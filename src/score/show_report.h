#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "score/class_report.h"

namespace hiddenkey {

/// "always answering \"positive\" has an accuracy of 0.5421".
std::string describe_baseline(const Baseline& baseline);

/// Lines for a terminal: a table with a row a class, its averages, and what was taken for what. Of more than twenty
/// classes the table shows those with the lowest F1, and instead of a matrix there are the confusions that occur most.
std::string report_text(const ClassReport& report);

/// All of it: "baseline", "classes" (one object each) and, of examples with one class each, "confusion", which has for
/// each class what its examples were taken for and how often.
nlohmann::ordered_json report_json(const ClassReport& report);

}  // namespace hiddenkey
