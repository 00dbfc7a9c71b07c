#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace hiddenkey {

/// A lock on a file, held as long as the object lives; it goes with the process, however that ends.
class FileLock {
 public:
  enum class Kind { kExclusive, kShared };

  /// Nothing where another process holds the file against this. IoError where the file cannot be made.
  static std::optional<FileLock> take(const std::filesystem::path& path, Kind kind);

  FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

  /// Says in the file who holds it.
  void sign() const;

 private:
  explicit FileLock(int file) : file_(file) {}
  int file_ = -1;
};

/// Whether some process holds the file exclusively.
bool is_locked(const std::filesystem::path& path);

/// Who signed it: "process 12 on HOST"; "another process" where nobody has.
std::string holder_of(const std::filesystem::path& path);

}  // namespace hiddenkey
