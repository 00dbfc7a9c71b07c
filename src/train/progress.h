#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace hiddenkey {

/// A bar on stderr where that is a terminal; nothing otherwise (the log's plain lines then tell how far it is).
class Progress {
 public:
  explicit Progress(int64_t total, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(int64_t done, const std::string& note);
  /// show, for what counts on its own; the bar has to outlive it.
  std::function<void(int64_t done)> reporter(std::string note);
  /// Takes the bar away, before a line of the log.
  void clear();
  bool on() const { return on_; }

 private:
  int64_t total_;
  bool on_, shown_ = false;
};

}  // namespace hiddenkey
