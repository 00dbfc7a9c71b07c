#pragma once

#include "sweep/file_lock.h"
#include "sweep/plan.h"

namespace hiddenkey {

/// The right to run a sweep's trials: a worker has it together with other workers, a driver alone. Makes the folder.
/// ConfigError where others have it.
FileLock take_sweep(const SweepPlan& plan, FileLock::Kind kind);

}  // namespace hiddenkey
