#pragma once

#include <string>
#include <vector>

#include "config/codec.h"
#include "config/value.h"
#include "settings/run_config.h"

namespace hiddenkey {

/// A key that has no part in a run, whatever it says.
struct IdleKey {
  std::string key;
  std::string reason;
  std::string because;  ///< the key whose value makes it so
};

/// Of a config whose scheme is applied.
std::vector<IdleKey> idle_keys(const RunConfig& config);

/// Of two keys of which one takes the other's place, the one that was said on top (on the command line, or in a file
/// that extends the other's) is meant.
void choose_between_rivals(const Value& tree, RunConfig& config);

/// One warning for each idle key that is given in the same place as what makes it idle, and for values that amount to
/// nothing.
void warn_of_idle_keys(const Value& tree, const RunConfig& config, Problems& problems);

/// Takes them out of a printed config.
void leave_out_idle_keys(const RunConfig& config, OrderedJson& json);

}  // namespace hiddenkey
