#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace hiddenkey {

/// CRC-32C (Castagnoli), which TensorBoard's record files use.
uint32_t crc32c(std::string_view bytes);

/// Scalars for TensorBoard: TFRecord frames around Event messages. A file that can no longer be written is warned of
/// once.
class EventWriter {
 public:
  explicit EventWriter(const std::filesystem::path& folder);
  void scalar(const std::string& tag, double value, int64_t step);

 private:
  void record(const std::string& event);

  std::string path_;
  std::ofstream file_;
  bool warned_ = false;
};

}  // namespace hiddenkey
