#include "sweep/ask_program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
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

constexpr int kPatienceMilliseconds = 60'000;

/// Both ends of a pipe; what reads and what writes can be closed one by one.
class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_, O_CLOEXEC) != 0) throw IoError(cat("no pipe can be made: ", std::strerror(errno)));
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_reader();
    close_writer();
  }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_reader() { close_end(ends_[0]); }
  void close_writer() { close_end(ends_[1]); }

 private:
  static void close_end(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
  int ends_[2] = {-1, -1};
};

/// 0, or why it was not started.
int start(const std::vector<std::string>& words, const Pipe& output, const Pipe& errors, pid_t& process) {
  std::vector<std::string> copies = words;
  std::vector<char*> arguments;
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);  // this program ignores it
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&files, output.writer(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, errors.writer(), STDERR_FILENO);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const int reason = ::posix_spawnp(&process, arguments.front(), &files, &attributes, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  return reason;
}

/// Adds what has come; closes the end where no more will.
void take(Pipe& pipe, short events, std::string& text) {
  if (pipe.reader() < 0 || events == 0) return;
  char bytes[65536];
  const ssize_t size = ::read(pipe.reader(), bytes, sizeof bytes);
  if (size > 0) {
    text.append(bytes, static_cast<std::size_t>(size));
  } else if (size == 0 || errno != EINTR) {
    pipe.close_reader();
  }
}

/// Reads both pipes to their ends; false where nothing comes for too long.
bool take_all(Pipe& output, Pipe& errors, Answer& answer) {
  while (output.reader() >= 0 || errors.reader() >= 0) {
    pollfd files[] = {{output.reader(), POLLIN, 0}, {errors.reader(), POLLIN, 0}};
    const int ready = ::poll(files, 2, kPatienceMilliseconds);
    if (ready == 0) return false;
    if (ready < 0) continue;  // a signal came
    take(output, files[0].revents, answer.output);
    take(errors, files[1].revents, answer.errors);
  }
  return true;
}

int wait_for(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

std::optional<Answer> ask_program(const std::vector<std::string>& words) {
  Pipe output, errors;
  pid_t process = 0;
  const int reason = start(words, output, errors, process);
  if (reason == ENOENT) return std::nullopt;
  if (reason != 0) throw IoError(cat(words.front(), ": cannot be started: ", std::strerror(reason)));
  output.close_writer();
  errors.close_writer();
  Answer answer;
  const bool answered = take_all(output, errors, answer);
  if (!answered) ::kill(process, SIGKILL);
  answer.exit_code = wait_for(process);
  if (!answered) throw IoError(cat(words.front(), ": does not answer"));
  return answer;
}

}  // namespace hiddenkey
