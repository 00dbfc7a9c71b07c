#include "sweep/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

int flock_of(int file, int operation) {
  int result;
  do {
    result = ::flock(file, operation | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  return result;
}

}  // namespace

std::optional<FileLock> FileLock::take(const fs::path& path, Kind kind) {
  const int number = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (number < 0) throw IoError(cat(path.string(), ": cannot be opened: ", std::strerror(errno)));
  FileLock lock(number);
  if (flock_of(number, kind == Kind::kExclusive ? LOCK_EX : LOCK_SH) == 0) return lock;
  if (errno == EWOULDBLOCK) return std::nullopt;
  log::warning(cat(path.string(), ": the file system gives no locks (", std::strerror(errno),
                   "), so nothing keeps another process from running these trials too"));
  return lock;
}

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);
}

void FileLock::sign() const {
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  const std::string text = cat("process ", ::getpid(), " on ", host, '\n');
  const bool written = ::ftruncate(file_, 0) == 0 && ::pwrite(file_, text.data(), text.size(), 0) > 0;
  if (!written) log::debug("the lock of the sweep could not be signed");
}

bool is_locked(const fs::path& path) {
  const int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (number < 0) return false;
  const bool locked = flock_of(number, LOCK_SH) != 0 && errno == EWOULDBLOCK;
  ::close(number);
  return locked;
}

std::string holder_of(const fs::path& path) {
  try {
    const std::string text = read_file(path);
    const std::string line = text.substr(0, text.find('\n'));
    return line.empty() ? "another process" : line;
  } catch (const IoError&) {
    return "another process";
  }
}

}  // namespace hiddenkey
