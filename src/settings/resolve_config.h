#pragma once

#include "config/codec.h"
#include "config/value.h"
#include "settings/run_config.h"

namespace hiddenkey {

/// The config that a tree of values says, with all that load_run_config checks.
RunConfig resolve_config(const Value& tree, Problems& problems);

/// Every key that has a part in the run, with what the scheme decided for it: what a table of several runs is made of.
OrderedJson resolved_json(const RunConfig& config);

}  // namespace hiddenkey
