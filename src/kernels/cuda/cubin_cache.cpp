#include "kernels/cuda/cubin_cache.h"

#include <atomic>
#include <optional>

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"

namespace hiddenkey::cuda {
namespace {

constexpr std::size_t kChecksumSize = 64;

void warn_once(const std::string& reason) {
  static std::atomic<bool> warned{false};
  if (!warned.exchange(true)) log::warning(cat("the GPU's kernels are compiled anew in each run: ", reason));
}

/// Nothing where the file is missing, unreadable or damaged.
std::optional<std::string> read_cubin(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  try {
    std::string bytes = read_file(path);
    if (bytes.size() <= kChecksumSize) return std::nullopt;
    const std::string checksum = bytes.substr(bytes.size() - kChecksumSize);
    bytes.resize(bytes.size() - kChecksumSize);
    return sha256_of_bytes(bytes) == checksum ? std::optional(std::move(bytes)) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

void write_cubin(const fs::path& path, const std::string& cubin) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);  // the writer says what is wrong with the folder
  try {
    write_file_atomically(path, cubin + sha256_of_bytes(cubin));
  } catch (const Error& failed) {
    warn_once(failed.what());
  }
}

}  // namespace

fs::path CubinCache::file_of(const std::vector<std::string>& parts) const {
  std::string all;
  for (const std::string& part : parts) all += cat(part.size(), ":", part, "\n");
  return folder_ / (sha256_of_bytes(all) + ".cubin");
}

std::string CubinCache::get(const std::vector<std::string>& parts, const std::function<std::string()>& make) const {
  if (folder_.empty()) return make();
  const fs::path path = file_of(parts);
  if (std::optional<std::string> kept = read_cubin(path)) return std::move(*kept);
  std::string made = make();
  write_cubin(path, made);
  return made;
}

CubinCache user_cubin_cache() {
  try {
    return CubinCache(cache_folder() / "kernels");
  } catch (const Error& homeless) {
    warn_once(homeless.what());
    return CubinCache({});
  }
}

}  // namespace hiddenkey::cuda
