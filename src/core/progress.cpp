#include "core/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/text.h"

namespace hiddenkey {
namespace {

/// 0:07, 12:31, 3:05:00.
std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(std::clamp(seconds, 0.0, 3.6e8));
  char text[64];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
  }
  return text;
}

/// Asked each time, since a window changes its size.
int64_t window_width() {
  constexpr int64_t kUsual = 80;
  struct winsize window {};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 ? window.ws_col : kUsual;
}

/// https://no-color.org, and terminals that know no colour.
bool wants_colour() {
  const char* refused = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return (refused == nullptr || refused[0] == '\0') && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

}  // namespace

std::string progress_line(const ProgressState& state, int64_t width, bool colour) {
  constexpr int64_t kWidest = 30, kNarrowest = 5, kFrame = 3;  // brackets and a space
  const int64_t done = std::clamp<int64_t>(state.done, 0, state.total);
  const auto percent = static_cast<int64_t>(100.0 * static_cast<double>(done) / static_cast<double>(state.total));
  std::string text = cat(percent, "%  ", clock_text(state.elapsed));
  if (state.left) text += cat(" (", clock_text(*state.left), " left)");
  text += cat("  ", state.done, "/", state.total);
  if (!state.note.empty()) text += " " + state.note;
  const int64_t room = std::min(kWidest, width - kFrame - static_cast<int64_t>(text.size()));
  if (room < kNarrowest) return text.substr(0, static_cast<std::size_t>(std::max<int64_t>(width, 0)));
  const auto filled = static_cast<std::size_t>(static_cast<double>(room) * static_cast<double>(done) /
                                               static_cast<double>(state.total));
  const std::string bar = std::string(filled, '#') + std::string(static_cast<std::size_t>(room) - filled, '.');
  return cat("[", colour ? "\033[32m" : "", bar, colour ? "\033[0m" : "", "] ", text);
}

Progress::Progress(int64_t total, bool quiet)
    : total_(std::max<int64_t>(total, 1)), on_(!quiet && isatty(STDERR_FILENO) == 1), colour_(wants_colour()) {}

Progress::~Progress() { clear(); }

void Progress::show(int64_t done, const std::string& note) {
  if (!on_) return;
  constexpr std::chrono::milliseconds kPause{50};
  const Clock::time_point now = Clock::now();
  if (!first_) first_ = done;
  if (shown_ && done < total_ && now - drawn_ < kPause) return;
  ProgressState state{done, total_, std::chrono::duration<double>(now - start_).count(), std::nullopt, note};
  if (done > *first_)
    state.left = state.elapsed / static_cast<double>(done - *first_) * static_cast<double>(total_ - done);
  // One column stays free: some terminals begin a new line when the last one is written to.
  std::fputs(cat("\r\033[K", progress_line(state, window_width() - 1, colour_)).c_str(), stderr);
  std::fflush(stderr);
  shown_ = true;
  drawn_ = now;
}

std::function<void(int64_t)> Progress::reporter(std::string note) {
  first_ = 0;
  return [this, note = std::move(note)](int64_t done) { show(done, note); };
}

void Progress::clear() {
  if (!shown_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace hiddenkey
