#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "cli/sweep_options.h"
#include "core/error.h"
#include "core/printable.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "sweep/status.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto kPause = std::chrono::seconds(1);
constexpr int kPausesOfSlurm = 30;  // its controller serves many, and is not to be asked each second

std::string shown(const SweepStatus& status) {
  std::string text;
  for (const std::string& line : split(to_text(status), '\n')) text += line.empty() ? "" : printable(line) + "\n";
  return text;
}

/// On a terminal the lines stay in their place; elsewhere a line is printed when the counts change.
int watch(const std::string& folder) {
  const bool terminal = ::isatty(STDOUT_FILENO) != 0;
  std::string before;
  for (;;) {
    const SweepStatus status = read_status(folder);
    const std::string now = terminal ? shown(status) : counts_line(status) + "\n";
    if (terminal && !before.empty()) print(cat("\x1b[", std::count(before.begin(), before.end(), '\n'), "F\x1b[J"));
    if (terminal || now != before) print(now);
    before = now;
    if (!status.is_driven) return 0;
    const int pauses = status.slurm.jobs.empty() ? 1 : kPausesOfSlurm;
    for (int tenth = 0; tenth < 10 * pauses; ++tenth) {
      throw_if_stopped();
      std::this_thread::sleep_for(kPause / 10);
    }
  }
}

}  // namespace

int show_sweep_status(const SweepOptions& options, const CommonOptions& common) {
  if (options.watch && common.json) throw ConfigError("--watch: prints lines for people; --json tells one moment");
  watch_stop_signals();
  if (options.watch) return watch(options.sweep);
  const SweepStatus status = read_status(options.sweep);
  print(common.json ? to_json(status).dump(2, ' ', false, Json::error_handler_t::replace) + "\n" : shown(status));
  return 0;
}

}  // namespace hiddenkey
