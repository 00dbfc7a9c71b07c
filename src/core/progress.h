#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace hiddenkey {

/// What a line of progress shows.
struct ProgressState {
  int64_t done = 0, total = 1;
  double elapsed = 0;          ///< seconds
  std::optional<double> left;  ///< seconds, once they can be told
  std::string note;
};

/// A line of at most `width` columns: a bar, the share in percent, times, counts and the note. The bar gives way first,
/// then the line is cut. In colour the bar stands between escape sequences, which take no column.
std::string progress_line(const ProgressState& state, int64_t width, bool colour);

/// A bar on stderr where that is a terminal; nothing otherwise (the log's plain lines then tell how far it is).
class Progress {
 public:
  explicit Progress(int64_t total, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` counts from the beginning, also where this is not the beginning: the first call's is what was there before.
  /// Calls that follow each other too quickly for an eye draw nothing.
  void show(int64_t done, const std::string& note);
  /// show, for what counts on its own; the bar has to outlive it.
  std::function<void(int64_t done)> reporter(std::string note);
  /// Takes the bar away, before a line of the log.
  void clear();
  bool on() const { return on_; }

 private:
  using Clock = std::chrono::steady_clock;

  int64_t total_;
  bool on_, colour_, shown_ = false;
  Clock::time_point start_ = Clock::now(), drawn_{};
  std::optional<int64_t> first_;  ///< done when the clock began to count
};

}  // namespace hiddenkey
