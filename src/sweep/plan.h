#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/codec.h"
#include "config/value.h"
#include "settings/run_config.h"
#include "sweep/sweep_file.h"

namespace hiddenkey {

struct PlannedTrial {
  std::string name;  ///< of its folder
  std::string cell;
  int64_t seed = 0;
  int64_t fold = 0;      ///< from 1; 0 without cross-validation
  OrderedJson settings;  ///< the varied keys and their values
  RunConfig config;      ///< resolved, with the trial's folder as output_dir
  std::string digest;    ///< of all that decides what it computes, but for the seed and the fold
};

/// A sweep file that has been read, with every trial resolved.
struct SweepPlan {
  std::filesystem::path folder;
  std::string yaml;  ///< what the folder's sweep.yaml says
  std::string metric;
  bool higher_is_better = true;
  std::string compare_to;
  int64_t workers = 1, retries = 1;
  Halving halving;
  std::vector<std::string> axes;
  std::vector<PlannedTrial> trials;
  std::size_t cells = 0;
  std::size_t merged = 0;  ///< cells that were another one once the settings without a part in the run were left out
};

/// Whether a model or data that is not there is a fault, or may be on another machine.
enum class MissingFiles { kError, kWarning };

/// Reads the sweep file (or the one in a sweep's folder) and resolves and checks each trial's config. Every problem is
/// added once. The plan has trials only where there is no error.
SweepPlan plan_sweep(const std::filesystem::path& path, const std::vector<std::string>& overrides, MissingFiles missing,
                     Problems& problems);

/// A trial's config without what differs between trials whatever the sweep: equal where the same is computed.
OrderedJson comparable_json(const RunConfig& config);

}  // namespace hiddenkey
