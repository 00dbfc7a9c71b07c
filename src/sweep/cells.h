#pragma once

#include <string>
#include <vector>

#include "config/value.h"
#include "sweep/sweep_file.h"

namespace hiddenkey {

/// Settings that are trained with every seed.
struct Cell {
  std::string name;  ///< of a named one
  Place where;
  std::vector<Setting> settings;
  bool is_named = false;  ///< of `trials`: taken as it stands
};

/// The cells of the grid (the first axis moves slowest) or the drawn ones, without those that are excluded, then the
/// named ones; without any of these one cell that is the config itself.
std::vector<Cell> expand_cells(const SweepFile& file, Problems& problems);

/// "scheme=hiddenkey, logits.rate=0.1"; "base" without settings.
std::string label_of(const std::vector<Setting>& settings);

}  // namespace hiddenkey
