#include "core/log.h"

#include <fcntl.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/printable.h"
#include "core/text.h"

namespace hiddenkey::log {
namespace {

using Logger = std::shared_ptr<spdlog::logger>;

constexpr std::array<std::pair<const char*, Level>, 5> kLevels = {{{"debug", Level::kDebug},
                                                                   {"info", Level::kInfo},
                                                                   {"warning", Level::kWarning},
                                                                   {"error", Level::kError},
                                                                   {"off", Level::kOff}}};

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
    case Level::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

Logger make_terminal() {
  auto logger = std::make_shared<spdlog::logger>("terminal", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%v");
  logger->set_error_handler([](const std::string&) {});  // nobody is left to tell
  return logger;
}

/// Built on first use and never destroyed: a line may come from a destructor at exit.
const Logger& terminal() {
  static const Logger& logger = *new Logger(make_terminal());
  return logger;
}

std::mutex file_mutex;

Logger& file() {
  static Logger& logger = *new Logger;
  return logger;
}

/// A line before its file is known.
struct HeldLine {
  spdlog::log_clock::time_point time;
  Level level;
  std::string text;
};

/// Nothing where lines are not held.
std::optional<std::vector<HeldLine>>& held_lines() {
  static auto& lines = *new std::optional<std::vector<HeldLine>>;
  return lines;
}

void refuse_link(const std::string& path) {
  int number;
  do {
    number = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
  } while (number < 0 && errno == EINTR);
  if (number >= 0) {
    ::close(number);
  } else if (errno == ELOOP) {
    throw IoError(cat(path, ": is a symbolic link, which is not followed; remove it"));
  } else {
    throw IoError(cat(path, ": the log file cannot be opened: ", std::strerror(errno)));
  }
}

Logger make_file(const std::string& path) {
  refuse_link(path);
  try {
    auto logger = std::make_shared<spdlog::logger>("file", std::make_shared<spdlog::sinks::basic_file_sink_mt>(path));
    logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
    logger->set_level(spdlog::level::debug);
    logger->flush_on(spdlog::level::debug);
    auto warned = std::make_shared<std::atomic<bool>>(false);
    logger->set_error_handler([warned, path](const std::string& reason) {
      if (warned->exchange(true)) return;
      terminal()->warn(spdlog::string_view_t("warning: " + path + ": log lines are lost: " + reason));
    });
    return logger;
  } catch (const spdlog::spdlog_ex& error) {
    throw IoError(cat(path, ": the log file cannot be opened: ", error.what()));
  }
}

void write(Level level, const char* prefix, const std::string& given) {
  const std::string line = printable(given);
  // A view, so that braces in the line are not taken for a format.
  const std::string shown = prefix + line;
  terminal()->log(spdlog_level(level), spdlog::string_view_t(shown));
  const std::lock_guard lock(file_mutex);
  if (file()) file()->log(spdlog_level(level), spdlog::string_view_t(line));
  if (held_lines()) held_lines()->push_back({spdlog::log_clock::now(), level, line});
}

}  // namespace

void set_level(Level level) { terminal()->set_level(spdlog_level(level)); }

Level level_from_name(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [known, level] : kLevels) {
    if (name == known) return level;
    names.emplace_back(known);
  }
  throw ConfigError(cat("log level \"", name, "\" is none of ", join(names, ", "), did_you_mean(name, names)));
}

void set_file(const std::string& path) {
  Logger next = path.empty() ? nullptr : make_file(path);
  const std::lock_guard lock(file_mutex);
  file() = std::move(next);
  if (!file() || !held_lines()) return;
  for (const HeldLine& line : *held_lines())
    file()->log(line.time, spdlog::source_loc{}, spdlog_level(line.level), spdlog::string_view_t(line.text));
  held_lines().reset();
}

void hold_for_file() {
  const std::lock_guard lock(file_mutex);
  held_lines().emplace();
}

void debug(const std::string& line) { write(Level::kDebug, "", line); }
void info(const std::string& line) { write(Level::kInfo, "", line); }
void notice(const std::string& line) { write(Level::kWarning, "", line); }
void warning(const std::string& line) { write(Level::kWarning, "warning: ", line); }
void error(const std::string& line) { write(Level::kError, "error: ", line); }

}  // namespace hiddenkey::log
