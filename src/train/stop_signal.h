#pragma once

namespace hiddenkey {

/// From now on SIGINT, SIGTERM and SIGHUP only set a flag; a second SIGINT while a stop is under way changes nothing,
/// so that the state is always saved whole.
void watch_stop_signals();

/// The signal that asked for a stop; 0 where none did.
int stop_signal();

inline bool stop_requested() { return stop_signal() != 0; }

}  // namespace hiddenkey
