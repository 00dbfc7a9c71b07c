#pragma once

#include "config/value.h"
#include "settings/run_config.h"

namespace hiddenkey {

/// What no single field can say: keys that are missing, or do not fit together.
void check_config(const Value& tree, const RunConfig& config, Problems& problems);

}  // namespace hiddenkey
