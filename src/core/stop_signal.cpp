#include "core/stop_signal.h"

#include <atomic>
#include <csignal>
#include <cstring>
#include <initializer_list>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch nothing that takes a lock");

extern "C" void remember(int signal) { received = signal; }

}  // namespace

void watch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGXCPU, SIGUSR1, SIGUSR2}) sigaction(signal, &action, nullptr);
  // nohup has SIGHUP ignored, so that a run goes on without its terminal.
  struct sigaction before {};
  if (sigaction(SIGHUP, nullptr, &before) != 0 || before.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
}

int stop_signal() { return received; }

void throw_if_stopped() {
  if (stop_requested()) throw StoppedError(cat("stopped by ", strsignal(stop_signal())));
}

}  // namespace hiddenkey
