#include "model/model_files.h"

#include <algorithm>

#include "io/checkpoint_reader.h"
#include "model/gguf_model.h"

namespace hiddenkey {

bool is_gguf(const fs::path& path) {
  std::error_code error;
  return path.extension() == ".gguf" && !fs::is_directory(path, error);
}

bool holds_model(const fs::path& path) {
  std::error_code error;
  return is_gguf(path) ? fs::exists(path, error) : fs::exists(path / "config.json", error);
}

int64_t most_weights(const fs::path& path) {
  std::error_code error;
  constexpr uint64_t kBits = 8, kLargest = INT64_MAX / kBits;
  if (is_gguf(path)) {
    const uint64_t size = fs::file_size(path, error);
    return error || size > kLargest ? INT64_MAX : static_cast<int64_t>(kBits * size);
  }
  uint64_t bytes = 0;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path extension = entry->path().extension();
    std::error_code unreadable;
    if (extension != ".safetensors" && extension != ".bin") continue;
    const uint64_t size = fs::file_size(entry->path(), unreadable);
    if (!unreadable) bytes += std::min(size, kLargest - std::min(bytes, kLargest));
  }
  return error || bytes == 0 || bytes > kLargest ? INT64_MAX : static_cast<int64_t>(kBits * bytes);
}

std::unique_ptr<WeightSource> open_weights(const fs::path& path) {
  if (is_gguf(path)) return std::make_unique<GgufModel>(path);
  return std::make_unique<CheckpointReader>(path);
}

}  // namespace hiddenkey
