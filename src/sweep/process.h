#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hiddenkey {

struct Command {
  std::filesystem::path program;
  std::vector<std::string> arguments;              ///< without the program itself
  std::map<std::string, std::string> environment;  ///< on top of this process's own
  std::filesystem::path messages;                  ///< takes its stderr
  std::filesystem::path output = "/dev/null";      ///< takes its stdout
};

/// How a process ended.
struct ProcessEnd {
  int exit_code = 0;
  int signal = 0;  ///< that killed it; 0: none
};

/// Starts a process that is asked to end (SIGTERM) when this one does, however that happens. IoError where it cannot be
/// started.
pid_t start_process(const Command& command);

/// Nothing where the process is still running.
std::optional<ProcessEnd> poll_process(pid_t process);

}  // namespace hiddenkey
