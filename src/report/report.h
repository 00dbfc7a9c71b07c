#pragma once

#include <filesystem>
#include <string>

#include "report/study.h"

namespace hiddenkey {

/// Writes results.csv, summary.csv, summary.md, summary.tex and report.html into the folder, from whatever has
/// finished, and gives the text of summary.md. DataError where no trial has.
std::string write_report(const Study& study, const std::filesystem::path& folder);

}  // namespace hiddenkey
