#pragma once

namespace hiddenkey {

/// From now on the signals that ask a program to end (SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU, and SIGUSR1 and
/// SIGUSR2, by which batch systems warn of a time limit) only set a flag. A second signal while a stop is under way
/// changes nothing, so that the state is always saved whole. A SIGHUP that nohup has ignored stays ignored.
void watch_stop_signals();

/// The signal that asked for a stop; 0 where none did.
int stop_signal();

inline bool stop_requested() { return stop_signal() != 0; }

/// Throws StoppedError where a signal asked for a stop. Long work that has nothing to save calls it now and then.
void throw_if_stopped();

}  // namespace hiddenkey
