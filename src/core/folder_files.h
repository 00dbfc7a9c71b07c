#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/file.h"

namespace hiddenkey {

/// The small files of a folder. Each is read once, however many readers ask for it. One thread may use an object.
class FolderFiles {
 public:
  /// Nothing is read yet; the folder need not be there. A path alone stands for the files of one reader.
  FolderFiles(fs::path folder) : folder_(std::move(folder)) {}

  const fs::path& folder() const { return folder_; }
  fs::path path(const std::string& name) const { return folder_ / name; }
  /// Whether the file is there, links followed, or has been read.
  bool has(const std::string& name) const;

  /// What the file holds. Errors as those of read_file.
  const std::string& bytes(const std::string& name) const;
  /// The object in a JSON file. Errors as those of read_json_object.
  const nlohmann::json& object(const std::string& name) const;
  /// An empty object where there is no such file.
  const nlohmann::json& object_if_there(const std::string& name) const;
  /// The SHA-256 of the file. A file that nobody has asked for yet is not kept for that.
  const std::string& sha256(const std::string& name) const;

  /// Frees the bytes. Objects and checksums stay; bytes that are asked for later are read again.
  void release_bytes() const { bytes_.clear(); }

 private:
  fs::path folder_;
  mutable std::map<std::string, std::string> bytes_, sums_;
  mutable std::map<std::string, nlohmann::json> objects_;
};

}  // namespace hiddenkey
