#pragma once

#include <string>

/// Lines for people, on stderr (and in a run's log.txt), as `printable` has them. No LibTorch header may be seen by
/// log.cpp: its fmt breaks spdlog.
namespace hiddenkey::log {

enum class Level { kDebug, kInfo, kWarning, kError, kOff };

void set_level(Level level);
Level level_from_name(const std::string& name);  ///< debug info warning error off; ConfigError otherwise.

/// Also writes every line, with its time, to `path` (appending) until the next call; "" stops that.
/// A full disk is warned of once and does not stop the caller.
void set_file(const std::string& path);

void debug(const std::string& line);
void info(const std::string& line);
void warning(const std::string& line);
void error(const std::string& line);

}  // namespace hiddenkey::log
