#include "core/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

constexpr std::size_t kBufferSize = std::size_t{1} << 18;

std::string reason_of(int error) {
  switch (error) {
    case ENOENT:
      return "no such file or folder";
    case EACCES:
    case EPERM:
      return "permission denied";
    case EISDIR:
      return "is a folder, not a file";
    case ENOTDIR:
      return "a part of the path is a file, not a folder";
    case ENOSPC:
      return "no space left on the disk";
    case EDQUOT:
      return "the disk quota is used up";
    case EFBIG:
      return "the file is larger than is allowed here";
    case EROFS:
      return "the file system is read-only";
    case EIO:
      return "the disk reports an input/output error";
    default:
      return std::strerror(error);
  }
}

[[noreturn]] void fail(const fs::path& path, const std::string& what, int error) {
  throw IoError(path.string(), cat(what, ": ", reason_of(error)));
}

/// A file descriptor that is closed when the scope ends.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return number_; }
  bool valid() const { return number_ >= 0; }
  /// The result of close(), which may be the first to tell of a full disk.
  int close() { return ::close(std::exchange(number_, -1)); }

 private:
  int number_;
};

/// open(), tried again when a signal comes in between.
int open_file(const fs::path& path, int flags) {
  int number;
  do {
    number = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  } while (number < 0 && errno == EINTR);
  return number;
}

struct stat open_for_reading(const Descriptor& file, const fs::path& path) {
  struct stat status {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0) fail(path, "cannot be read", errno);
  if (S_ISDIR(status.st_mode)) fail(path, "cannot be read", EISDIR);
  return status;
}

void refuse_lfs_pointer(const fs::path& path, std::string_view bytes) {
  constexpr std::string_view kBeginning = "version https://git-lfs.github.com/spec/";
  if (!bytes.starts_with(kBeginning)) return;
  const fs::path extension = path.extension();
  const bool data = extension == ".tsv" || extension == ".csv" || extension == ".jsonl" || extension == ".xml";
  throw Error(data ? ErrorKind::kData : ErrorKind::kModel,
              cat(path.string(),
                  ": is a pointer of git-lfs, not the file itself; `git lfs pull` in its repository fetches that"));
}

/// Up to `size` bytes; 0 at the end of the file.
std::size_t read_some(const Descriptor& file, const fs::path& path, char* bytes, std::size_t size) {
  ssize_t count;
  do {
    count = ::read(file.get(), bytes, size);
  } while (count < 0 && errno == EINTR);
  if (count < 0) fail(path, "cannot be read", errno);
  return static_cast<std::size_t>(count);
}

void sync(int number, const fs::path& path) {
  int result;
  do {
    result = ::fsync(number);
  } while (result != 0 && errno == EINTR);
  // Some file systems and devices have nothing to synchronise, and say so with EINVAL.
  if (result != 0 && errno != EINVAL) fail(path, "cannot be written", errno);
}

/// Hidden, and different for every writer of every process.
fs::path temporary_name(const fs::path& folder, const std::string& name) {
  static std::atomic<unsigned> counter{0};
  return folder / cat(".", name, ".tmp-", ::getpid(), "-", counter++);
}

/// A device or a pipe is written as it is: a file in its place would take it away from everybody else.
bool is_written_in_place(const fs::path& path) {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  return type == fs::file_type::character || type == fs::file_type::block || type == fs::file_type::fifo ||
         type == fs::file_type::socket;
}

/// The new file under its temporary name. Unless `commit` succeeds, it is removed again.
class PendingFile {
 public:
  explicit PendingFile(const fs::path& path)
      : path_(path),
        in_place_(is_written_in_place(path)),
        file_(in_place_ ? open_file(path, O_WRONLY) : make_temporary()) {
    if (!file_.valid()) fail(path_, "cannot be written", errno);
  }
  ~PendingFile() {
    if (!committed_ && !in_place_) ::unlink(temporary_.c_str());
  }
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  void append(const void* data, std::size_t size) {
    const char* bytes = static_cast<const char*>(data);
    if (buffer_.size() + size > kBufferSize) flush();
    if (size >= kBufferSize) {
      write_out(bytes, size);
    } else {
      buffer_.append(bytes, size);
    }
  }

  void commit() {
    flush();
    sync(file_.get(), path_);
    if (file_.close() != 0 && errno != EINTR) fail(path_, "cannot be written", errno);
    if (in_place_) return;
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail(path_, "cannot be replaced", errno);
    committed_ = true;
    fsync_folder(folder_of(path_));
  }

 private:
  /// A process that was killed may have had the same number, and have left a file of the first name that is tried.
  int make_temporary() {
    int number;
    do {
      temporary_ = temporary_name(folder_of(path_), path_.filename().string());
      number = open_file(temporary_, O_WRONLY | O_CREAT | O_EXCL);
    } while (number < 0 && errno == EEXIST);
    return number;
  }

  void flush() {
    write_out(buffer_.data(), buffer_.size());
    buffer_.clear();
  }

  void write_out(const char* bytes, std::size_t size) {
    while (size > 0) {
      const ssize_t count = ::write(file_.get(), bytes, size);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail(path_, "cannot be written", errno);
      bytes += count;
      size -= static_cast<std::size_t>(count);
    }
  }

  fs::path path_;
  bool in_place_;
  fs::path temporary_;
  Descriptor file_;  // made last: it needs both names
  std::string buffer_;
  bool committed_ = false;
};

}  // namespace

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

std::string read_file(const fs::path& path) {
  const Descriptor file(open_file(path, O_RDONLY));
  const struct stat status = open_for_reading(file, path);
  std::string bytes(static_cast<std::size_t>(status.st_size) + 1, '\0');
  std::size_t size = 0;
  // The size is a guess only: pipes have none, and a file may grow meanwhile.
  while (const std::size_t count = read_some(file, path, bytes.data() + size, bytes.size() - size)) {
    size += count;
    if (size == bytes.size()) bytes.resize(bytes.size() + kBufferSize);
  }
  bytes.resize(size);
  refuse_lfs_pointer(path, bytes);
  return bytes;
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  write_file_atomically(path, [bytes](const ByteSink& sink) { sink(bytes.data(), bytes.size()); });
}

void write_file_atomically(const fs::path& path, const std::function<void(const ByteSink&)>& write) {
  PendingFile file(path);
  write([&file](const void* data, std::size_t size) { file.append(data, size); });
  file.commit();
}

void make_writable_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail(folder, "the folder cannot be made", error.value());
  if (!fs::is_directory(folder, error)) throw IoError(cat(folder.string(), ": is a file, not a folder"));
  const fs::path trial = temporary_name(folder, "trial");
  const Descriptor file(open_file(trial, O_WRONLY | O_CREAT | O_EXCL));
  if (!file.valid() && errno != EEXIST) fail(folder, "the folder cannot be written to", errno);
  ::unlink(trial.c_str());
}

void fsync_folder(const fs::path& folder) {
  const Descriptor file(open_file(folder, O_RDONLY | O_DIRECTORY));
  if (!file.valid()) fail(folder, "cannot be written", errno);
  sync(file.get(), folder);
}

MappedFile::MappedFile(const fs::path& path) : path_(path) {
  const Descriptor file(open_file(path, O_RDONLY));
  const struct stat status = open_for_reading(file, path);
  if (!S_ISREG(status.st_mode)) throw IoError(cat(path.string(), ": cannot be mapped: is not a plain file"));
  size_ = static_cast<std::size_t>(status.st_size);
  if (size_ == 0) return;  // an empty range cannot be mapped
  void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (mapped == MAP_FAILED) fail(path, "cannot be mapped", errno);
  data_ = static_cast<const std::byte*>(mapped);
  try {
    refuse_lfs_pointer(path, {static_cast<const char*>(mapped), size_});
  } catch (...) {
    ::munmap(mapped, size_);  // no destructor runs for what is not made
    throw;
  }
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

fs::path cache_folder() {
  // The XDG specification has relative paths ignored.
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && cache[0] == '/') return fs::path(cache) / "hiddenkey";
  const char* home = std::getenv("HOME");
  if (home == nullptr || home[0] == '\0')
    throw IoError("the cache folder is unknown: neither XDG_CACHE_HOME nor HOME is set");
  return fs::path(home) / ".cache" / "hiddenkey";
}

}  // namespace hiddenkey
