#include "sweep/take_sweep.h"

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "sweep/sweep_folder.h"

namespace hiddenkey {

FileLock take_sweep(const SweepPlan& plan, FileLock::Kind kind) {
  const SweepFolder folder(plan.folder);
  make_writable_folder(plan.folder);
  std::optional<FileLock> lock = FileLock::take(folder.lock(), kind);
  if (lock) return std::move(*lock);
  if (is_locked(folder.lock()))
    throw ConfigError(cat("output_dir: ", plan.folder.string(), ": another driver runs this sweep (",
                          holder_of(folder.lock()), "); `hiddenkey sweep status` tells how far it is"));
  throw ConfigError(cat("output_dir: ", plan.folder.string(), ": workers run trials of this sweep"));
}

}  // namespace hiddenkey
