#pragma once

#include <CLI/CLI.hpp>

#include "settings/load_request.h"

namespace hiddenkey {

/// Where the base of an adapter is: --model, --any-base.
void add_base_options(CLI::App& command, LoadRequest& request);

/// RUN|ADAPTER, --model, --task, --text-columns, --labels, --any-base and, where wanted, key=value.
void add_load_options(CLI::App& command, LoadRequest& request, bool with_overrides);

}  // namespace hiddenkey
