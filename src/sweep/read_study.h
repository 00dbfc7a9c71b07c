#pragma once

#include <filesystem>

#include "report/study.h"

namespace hiddenkey {

/// What a sweep's folder holds by now. ConfigError where it is no sweep's; damaged lines of a log are skipped, and
/// warned of.
Study read_study(const std::filesystem::path& folder);

}  // namespace hiddenkey
