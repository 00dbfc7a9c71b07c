#include "model/model_files.h"

#include <algorithm>

#include "core/file.h"

namespace hiddenkey {
namespace {

/// The pointers of git-lfs, which a MappedFile refuses, are smaller.
constexpr uint64_t kPointerSize = 1024;

void check_no_pointer(const fs::path& path) { const MappedFile refuses_it(path); }

}  // namespace

bool is_gguf(const fs::path& path) {
  std::error_code error;
  return path.extension() == ".gguf" && !fs::is_directory(path, error);
}

bool holds_model(const fs::path& path) {
  std::error_code error;
  return is_gguf(path) ? fs::exists(path, error) : fs::exists(path / "config.json", error);
}

int64_t most_weights(const fs::path& path) {
  // A model of this size is read in no time, and smaller files have better things said of them: that they are cut off.
  constexpr uint64_t kBits = 8, kLargest = INT64_MAX / kBits, kAlways = uint64_t{1} << 28;
  std::vector<fs::path> files;
  if (is_gguf(path)) files.push_back(path);
  std::error_code error;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path extension = entry->path().extension();
    if (extension == ".safetensors" || extension == ".bin") files.push_back(entry->path());
  }
  uint64_t bytes = 0;
  for (const fs::path& file : files) {
    const uint64_t size = fs::file_size(file, error);
    if (error) continue;
    if (size < kPointerSize) check_no_pointer(file);
    bytes += std::min(size, kLargest - bytes);
  }
  return bytes == 0 ? INT64_MAX : static_cast<int64_t>(std::max(kBits * bytes, kAlways));
}

}  // namespace hiddenkey
