#pragma once

#include <cstdint>
#include <functional>

#include "core/error.h"

namespace hiddenkey {

/// How long work is followed and ended by its caller. Each member may be empty.
struct Watch {
  std::function<void(int64_t done)> progress;  ///< is told how much is done
  std::function<bool()> stopped;               ///< is asked now and then; true ends the work

  void report(int64_t done) const {
    if (progress) progress(done);
  }
  /// StoppedError where the caller wants an end.
  void check() const {
    if (stopped && stopped()) throw StoppedError("the work was stopped");
  }
};

}  // namespace hiddenkey
