#pragma once

#include <string>

/// Lines for people, on stderr (and in a run's log.txt), as `printable` has them. No LibTorch header may be seen by
/// log.cpp: its fmt breaks spdlog.
namespace hiddenkey::log {

enum class Level { kDebug, kInfo, kWarning, kError, kOff };

void set_level(Level level);
Level level_from_name(const std::string& name);  ///< debug info warning error off; ConfigError otherwise.

/// From now on lines are remembered for the file that set_file will name, since it cannot be written to yet.
void hold_for_file();

/// Also writes every line, with its time, to `path` (appending) until the next call; "" stops that.
/// Lines that were held come first, each with its own time. A full disk is warned of once and does not stop the caller.
/// IoError where the file cannot be opened or is a symbolic link, which is never followed.
void set_file(const std::string& path);

void debug(const std::string& line);
void info(const std::string& line);
/// What has to be said and is no fault; it is shown where warnings are.
void notice(const std::string& line);
void warning(const std::string& line);
void error(const std::string& line);

}  // namespace hiddenkey::log
