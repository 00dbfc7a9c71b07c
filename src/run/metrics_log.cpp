#include "run/metrics_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

/// False, with errno, where not all of the text could be written.
bool write_all(int file, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::write(file, text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) done += static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

MetricsLog::MetricsLog(const std::filesystem::path& path, int64_t size) : path_(path.string()), size_(size) {
  const auto fail = [&](const char* what) {
    const int reason = errno;
    if (file_ >= 0) ::close(file_);
    throw IoError(cat(path_, ": ", what, ": ", std::strerror(reason)));
  };
  do {
    file_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
  } while (file_ < 0 && errno == EINTR);
  if (file_ < 0) fail("cannot be written");
  struct stat status {};
  if (::fstat(file_, &status) != 0) fail("cannot be read");
  if (status.st_size < size) {
    log::warning(cat(path_, ": lines are missing that were there when the checkpoint was written"));
    size_ = status.st_size;
  } else if (status.st_size > size && ::ftruncate(file_, size) != 0) {
    fail("cannot be cut back to the checkpoint");
  }
}

MetricsLog::~MetricsLog() { ::close(file_); }

void MetricsLog::write(const nlohmann::ordered_json& line) {
  const std::string text = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  if (write_all(file_, text)) {
    size_ += static_cast<int64_t>(text.size());
    return;
  }
  const int reason = errno;
  if (::ftruncate(file_, size_) != 0) log::debug(cat(path_, ": a part of a line stays behind"));
  warn(reason);
}

void MetricsLog::sync() {
  int result;
  do {
    result = ::fsync(file_);
  } while (result != 0 && errno == EINTR);
  if (result != 0 && errno != EINVAL) warn(errno);
}

void MetricsLog::warn(int error) {
  if (warned_) return;
  warned_ = true;
  log::warning(cat(path_, ": lines are lost: the file cannot be written: ", std::strerror(error)));
}

}  // namespace hiddenkey
