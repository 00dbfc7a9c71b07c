#include "core/folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

constexpr const char* kMark = ".tmp-";

[[noreturn]] void fail(const fs::path& path, const char* what, int error) {
  throw IoError(cat(path.string(), ": ", what, ": ", std::strerror(error)));
}

/// mkdir makes what was not there and follows no link, so nobody else has put anything into the folder.
fs::path make_fresh_folder(const fs::path& place) {
  static std::atomic<unsigned> counter{0};
  for (;;) {
    fs::path fresh = folder_of(place) / cat(".", place.filename().string(), kMark, ::getpid(), "-", counter++);
    if (::mkdir(fresh.c_str(), 0777) == 0) return fresh;
    if (errno != EEXIST && errno != EINTR) fail(place, "the folder cannot be made", errno);
  }
}

bool is_real_folder(const fs::path& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() == fs::file_type::directory;
}

/// Moves what only the old folder has into the new one, then removes the old one.
void retire(const fs::path& old, const fs::path& place) {
  std::error_code error;
  if (is_real_folder(old)) {
    std::vector<fs::path> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(old, error))
      names.push_back(entry.path().filename());
    for (const fs::path& name : names) {
      if (fs::symlink_status(place / name, error).type() == fs::file_type::not_found)
        fs::rename(old / name, place / name, error);
    }
  }
  fs::remove_all(old, error);
}

void swap_in(const fs::path& finished, const fs::path& place) {
  std::error_code error;
  if (fs::symlink_status(place, error).type() == fs::file_type::not_found) {
    if (::rename(finished.c_str(), place.c_str()) != 0) fail(place, "cannot be written", errno);
    return;
  }
  if (::renameat2(AT_FDCWD, finished.c_str(), AT_FDCWD, place.c_str(), RENAME_EXCHANGE) == 0)
    return retire(finished, place);
  if (errno != EINVAL && errno != ENOSYS) fail(place, "cannot be replaced", errno);
  // A file system without the exchange: for a moment there is no folder of that name.
  const fs::path old = make_fresh_folder(place);
  if (::rename(place.c_str(), old.c_str()) != 0) fail(place, "cannot be replaced", errno);
  if (::rename(finished.c_str(), place.c_str()) != 0) {
    const int reason = errno;
    fs::rename(old, place, error);
    fail(place, "cannot be replaced", reason);
  }
  retire(old, place);
}

}  // namespace

bool path_exists(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

void write_folder_atomically(const fs::path& place, const std::function<void(const fs::path& unfinished)>& write) {
  const fs::path unfinished = make_fresh_folder(place);
  try {
    write(unfinished);
    swap_in(unfinished, place);
  } catch (...) {
    std::error_code error;
    fs::remove_all(unfinished, error);
    throw;
  }
  fsync_folder(folder_of(place));
}

std::string name_of_unfinished(const std::string& file_name) {
  const std::size_t mark = file_name.rfind(kMark);
  return file_name.starts_with(".") && mark != std::string::npos ? file_name.substr(1, mark - 1) : "";
}

FolderClaim::FolderClaim(const fs::path& folder) : folder_(fs::absolute(folder).lexically_normal()) {
  if (!folder_.has_filename()) folder_ = folder_.parent_path();
  if (folder_ == folder_.root_path())
    throw ConfigError(cat(folder.string(), ": is the root of the file system; name a folder in it"));
  try {
    do make_folders();
    while (!lock());
    make_writable_folder(folder_);
  } catch (...) {
    remove_empty();
    throw;
  }
}

FolderClaim::~FolderClaim() { remove_empty(); }

void FolderClaim::remove_empty() {
  // The folders go before the lock, so that nobody can have begun to write into them.
  while (!made_.empty() && ::rmdir(made_.back().c_str()) == 0) made_.pop_back();
  if (lock_ >= 0) ::close(lock_);
  lock_ = -1;
}

void FolderClaim::make_folders() {
  std::vector<fs::path> missing;
  std::error_code error;
  for (fs::path path = folder_; !fs::exists(path, error) && path.has_relative_path(); path = path.parent_path())
    missing.push_back(path);
  for (auto path = missing.rbegin(); path != missing.rend(); ++path) {
    if (::mkdir(path->c_str(), 0777) == 0) {
      made_.push_back(*path);
    } else if (errno != EEXIST) {
      fail(folder_, "the folder cannot be made", errno);
    }
  }
  if (!fs::is_directory(folder_, error)) throw IoError(cat(folder_.string(), ": is a file, not a folder"));
}

/// False where the folder went away meanwhile and has to be made again.
bool FolderClaim::lock() {
  if (lock_ >= 0) ::close(lock_);
  do {
    lock_ = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  } while (lock_ < 0 && errno == EINTR);
  if (lock_ < 0 && errno == ENOENT) return false;
  if (lock_ < 0) fail(folder_, "the folder cannot be opened", errno);
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      throw ConfigError(
          cat(folder_.string(), ": another process is writing there; wait for it or name another folder"));
    log::warning(cat(folder_.string(), ": the file system gives no locks (", std::strerror(errno),
                     "), so nothing keeps another process from writing there too"));
  }
  struct stat held {
  }, named{};
  return ::fstat(lock_, &held) == 0 && ::stat(folder_.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
         held.st_dev == named.st_dev;
}

}  // namespace hiddenkey
