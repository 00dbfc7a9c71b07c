#pragma once

#include <cstdint>

#include "settings/run_config.h"

namespace hiddenkey {

/// Where --pause-at stops a run: after the first evaluation at or behind a share of its steps. A default one never
/// does.
class Pause {
 public:
  Pause() = default;
  /// ConfigError where the run, which has done `step` steps, is there already, or evaluates nothing.
  Pause(double share, const RunConfig& config, int64_t total_steps, int64_t step);

  double share() const { return share_; }
  /// A run that is at its end anyway does not pause.
  bool is_due(int64_t step) const { return step < total_steps_ && is_behind(step); }

 private:
  bool is_behind(int64_t step) const;

  double share_ = 0;
  int64_t total_steps_ = 0;
};

}  // namespace hiddenkey
