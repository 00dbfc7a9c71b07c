#pragma once

#include "config/value.h"
#include "train/run_config.h"

namespace hiddenkey {

/// Fills in the rates and the consistency loss that the scheme implies; a rate given for a position that the scheme
/// leaves off is a problem.
void apply_scheme(const Value& tree, RunConfig& config, Problems& problems);

/// What no single field can say: keys that are missing, or do not fit together.
void check_config(const Value& tree, const RunConfig& config, Problems& problems);

}  // namespace hiddenkey
