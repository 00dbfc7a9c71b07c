#include "core/folder_files.h"

#include "core/folder.h"
#include "core/json_file.h"

namespace hiddenkey {

bool FolderFiles::has(const std::string& name) const {
  return objects_.contains(name) || bytes_.contains(name) || path_exists(path(name));
}

const std::string& FolderFiles::bytes(const std::string& name) const {
  const auto read = bytes_.find(name);
  if (read != bytes_.end()) return read->second;
  const std::string& bytes = bytes_[name] = read_file(path(name));
  sums_[name] = sha256_of_bytes(bytes);
  return bytes;
}

const nlohmann::json& FolderFiles::object(const std::string& name) const {
  const auto read = objects_.find(name);
  if (read != objects_.end()) return read->second;
  return objects_[name] = parse_json_object(bytes(name), path(name).string());
}

const nlohmann::json& FolderFiles::object_if_there(const std::string& name) const {
  static const nlohmann::json kEmpty = nlohmann::json::object();
  return has(name) ? object(name) : kEmpty;
}

const std::string& FolderFiles::sha256(const std::string& name) const {
  std::string& sum = sums_[name];
  if (sum.empty()) sum = sha256_of_file(path(name));
  return sum;
}

}  // namespace hiddenkey
