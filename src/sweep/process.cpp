#include "sweep/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/error.h"
#include "core/text.h"

extern char** environ;

namespace hiddenkey {
namespace {

constexpr int kCannotStart = 127;

/// The pointers that exec takes, into texts that live as long.
class Texts {
 public:
  explicit Texts(std::vector<std::string> texts) : texts_(std::move(texts)) {
    for (std::string& text : texts_) pointers_.push_back(text.data());
    pointers_.push_back(nullptr);
  }
  Texts(const Texts&) = delete;
  Texts& operator=(const Texts&) = delete;
  char** get() { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;
};

std::vector<std::string> environment_with(const std::map<std::string, std::string>& added) {
  std::vector<std::string> texts;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (added.count(text.substr(0, text.find('='))) == 0) texts.push_back(text);
  }
  for (const auto& [name, value] : added) texts.push_back(cat(name, '=', value));
  return texts;
}

/// Between fork and exec nothing may be called that takes a lock or memory.
[[noreturn]] void become(const char* program, char** arguments, char** environment, int messages, int output,
                         int nowhere, pid_t parent) {
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGXCPU, SIGUSR1, SIGUSR2}) {
    struct sigaction before {};
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) ::signal(signal, SIG_DFL);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(kCannotStart);  // it ended before the line above
  ::dup2(nowhere, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(messages, STDERR_FILENO);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(program, arguments, environment);
  ::_exit(kCannotStart);
}

int open_or_throw(const char* path, int flags) {
  const int file = ::open(path, flags | O_CLOEXEC, 0666);
  if (file < 0) throw IoError(cat(path, ": cannot be opened: ", std::strerror(errno)));
  return file;
}

}  // namespace

pid_t start_process(const Command& command) {
  std::vector<std::string> words = command.arguments;
  words.insert(words.begin(), command.program.string());
  Texts arguments(std::move(words)), environment(environment_with(command.environment));
  constexpr int kAnew = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW;
  const int messages = open_or_throw(command.messages.c_str(), kAnew);
  const int output = open_or_throw(command.output.c_str(), kAnew);
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const pid_t parent = ::getpid();
  // A signal that came before the child has its own handlers would be taken by ours and lost.
  sigset_t all, before;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t child = ::fork();
  if (child == 0)
    become(command.program.c_str(), arguments.get(), environment.get(), messages, output, nowhere, parent);
  const int reason = errno;
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  ::close(messages);
  ::close(output);
  ::close(nowhere);
  if (child < 0) throw IoError(cat(command.program.string(), ": cannot be started: ", std::strerror(reason)));
  return child;
}

std::optional<ProcessEnd> poll_process(pid_t process) {
  int status = 0;
  if (::waitpid(process, &status, WNOHANG) != process) return std::nullopt;
  if (WIFSIGNALED(status)) return ProcessEnd{128 + WTERMSIG(status), WTERMSIG(status)};
  return ProcessEnd{WEXITSTATUS(status), 0};
}

}  // namespace hiddenkey
