#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace hiddenkey {

/// Appends lines of JSON to a file. A line that the disk does not take is left out whole; that is warned of once and
/// does not stop the run.
class MetricsLog {
 public:
  /// Cuts the file to `size` bytes first, which removes what a resumed run had written after its checkpoint. IoError
  /// where it cannot be opened or is a symbolic link, which is never followed.
  MetricsLog(const std::filesystem::path& path, int64_t size);
  ~MetricsLog();
  MetricsLog(const MetricsLog&) = delete;
  MetricsLog& operator=(const MetricsLog&) = delete;

  void write(const nlohmann::ordered_json& line);
  /// Waits until the disk has what was written, so that a checkpoint may name its size.
  void sync();
  int64_t size() const { return size_; }

 private:
  void warn(int error);

  std::string path_;
  int file_ = -1;
  int64_t size_ = 0;
  bool warned_ = false;
};

}  // namespace hiddenkey
