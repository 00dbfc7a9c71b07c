#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/value.h"
#include "settings/run_config.h"
#include "sweep/cells.h"

namespace hiddenkey {

/// A cell's config, and why settings of the grid were left out of it.
struct SettledCell {
  Value tree;
  RunConfig config;
  std::map<std::string, std::string> left_out;  ///< key -> reason
};

/// Resolves the config that the base is with the cell's settings on top, and `own`, which the sweep sets itself, on top
/// of these. An axis over the scheme or the method carries
/// on what does not concern all of its values: in a cell of the grid a setting that has no part in the run is taken out
/// of the settings. A named cell is taken as it stands.
SettledCell settle_cell(const Value& base, Cell& cell, const std::vector<Setting>& own, Problems& problems);

}  // namespace hiddenkey
