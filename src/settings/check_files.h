#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/value.h"
#include "settings/run_config.h"

namespace hiddenkey {

/// load_run_config, and all that can be said of the files that the config names without reading a weight or an example:
/// data that is missing, layers, lengths and targets that the model does not have. Where a whole folder is not there
/// the data may be on another machine, and that is a warning, as a missing model is.
RunConfig validate_run_config(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                              Problems& problems);

/// What it says of the files, for a config that has been read from the tree; nothing is said of sections that the
/// problems find fault with already.
void check_files(const Value& tree, const RunConfig& config, Problems& problems);

}  // namespace hiddenkey
