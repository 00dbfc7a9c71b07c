#include "train/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "core/text.h"

namespace hiddenkey {

Progress::Progress(int64_t total, bool quiet)
    : total_(std::max<int64_t>(total, 1)), on_(!quiet && isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() { clear(); }

void Progress::show(int64_t done, const std::string& note) {
  if (!on_) return;
  constexpr int64_t kWidth = 30;
  const int64_t filled = std::clamp<int64_t>(done * kWidth / total_, 0, kWidth);
  const std::string bar =
      std::string(static_cast<std::size_t>(filled), '#') + std::string(static_cast<std::size_t>(kWidth - filled), '.');
  std::fputs(cat("\r\033[K[", bar, "] ", done, "/", total_, " ", note).c_str(), stderr);
  std::fflush(stderr);
  shown_ = true;
}

std::function<void(int64_t)> Progress::reporter(std::string note) {
  return [this, note = std::move(note)](int64_t done) { show(done, note); };
}

void Progress::clear() {
  if (!shown_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace hiddenkey
