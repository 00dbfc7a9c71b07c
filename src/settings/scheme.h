#pragma once

#include <string_view>

#include "config/value.h"
#include "config/yaml_writer.h"
#include "settings/run_config.h"

namespace hiddenkey {

/// Fills in the rates and the consistency loss that the scheme implies. A rate for a position that the scheme leaves
/// off is a problem where both are said in one place. A scheme that is said on top of a file (on the command line, or
/// in a file that extends it) decides anew: what the file says against it gives way, and one warning lists that.
void apply_scheme(const Value& tree, RunConfig& config, Problems& problems);

/// Adds the problem of a named scheme none of whose positions is on, and of two passes that nothing tells apart.
void check_scheme(const Value& tree, const RunConfig& config, Problems& problems);

/// Whether the key is of a position that the scheme leaves off, such as dropout.hidden.rate of dropkey.
bool leaves_off(Scheme scheme, std::string_view key);

/// Takes out of a printed config what its scheme decides, so that another scheme in the same file decides anew, and
/// says in a comment what it decided.
void leave_to_scheme(const RunConfig& config, OrderedJson& json, YamlComments& comments);

}  // namespace hiddenkey
