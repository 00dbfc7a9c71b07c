#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>

namespace hiddenkey {

namespace fs = std::filesystem;

/// The bytes of a file. IoError names the path and the reason (missing, a folder, not permitted); ModelError (DataError
/// of a table) where git has left the pointer of git-lfs in the place of the file.
std::string read_file(const fs::path& path);

/// Writes to a temporary name in the same folder, fsyncs, renames over `path`, fsyncs the folder.
/// On any failure the old file is untouched, the temporary one removed, and IoError thrown.
void write_file_atomically(const fs::path& path, std::string_view bytes);

/// The same, for content that is produced piece by piece. `write` gets a sink that takes byte ranges.
using ByteSink = std::function<void(const void* data, std::size_t size)>;
void write_file_atomically(const fs::path& path, const std::function<void(const ByteSink&)>& write);

/// Creates the folder and its parents; IoError if it is not writable (tried with a temporary file).
void make_writable_folder(const fs::path& folder);

void fsync_folder(const fs::path& folder);

/// The folder that a file is in; "." for a name alone.
fs::path folder_of(const fs::path& path);

/// Lower-case hexadecimal SHA-256.
std::string sha256_of_file(const fs::path& path);
std::string sha256_of_bytes(std::string_view bytes);

/// A file mapped read-only. Stays valid when the path is replaced or removed meanwhile.
class MappedFile {
 public:
  explicit MappedFile(const fs::path& path);  ///< Errors as read_file's.
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// ${XDG_CACHE_HOME:-$HOME/.cache}/hiddenkey
fs::path cache_folder();

}  // namespace hiddenkey
