#include "io/checkpoint_reader.h"

#include <algorithm>

#include "core/error.h"
#include "core/folder.h"
#include "core/json_file.h"
#include "core/text.h"

namespace hiddenkey {

CheckpointReader::CheckpointReader(const fs::path& folder) : folder_(folder) {
  for (const char* name : {"model.safetensors", "pytorch_model.bin"}) {
    const fs::path single = folder / name, index = folder / cat(name, ".index.json");
    if (path_exists(single))
      read_single(single);
    else if (path_exists(index))
      read_index(index);
    if (!shards_.empty()) return;
  }
  throw ModelError(cat(folder.string(), ": has no model.safetensors or pytorch_model.bin (nor an index of shards)"));
}

void CheckpointReader::read_single(const fs::path& path) {
  shards_.push_back(open_tensor_file(path));
  for (const std::string& name : shards_.front()->names()) shard_of_[name] = shards_.front().get();
}

void CheckpointReader::read_index(const fs::path& path) {
  const nlohmann::json json = read_json_object(path);
  if (!json.contains("weight_map") || !json["weight_map"].is_object()) {
    throw ModelError(cat(path.string(), ": is no index of weights: expected an object with weight_map"));
  }
  if (json["weight_map"].empty()) throw ModelError(cat(path.string(), ": weight_map: is empty"));
  std::unordered_map<std::string, const TensorFile*> opened;
  for (const auto& [name, value] : json["weight_map"].items()) {
    const std::string file = value.is_string() ? value.get<std::string>() : "";
    // A shard stands beside its index: a path would lead out of the folder.
    if (file.empty() || file.find('/') != std::string::npos || file.find('\0') != std::string::npos ||
        file.front() == '.') {
      throw ModelError(cat(path.string(), ": weight_map: \"", file, "\" is no name of a file in this folder"));
    }
    const TensorFile*& shard = opened[file];
    if (shard == nullptr) {
      if (!path_exists(folder_ / file)) throw ModelError(cat(path.string(), ": the shard ", file, " is missing"));
      shards_.push_back(open_tensor_file(folder_ / file));
      shard = shards_.back().get();
    }
    if (!shard->contains(name)) throw ModelError(cat(path.string(), ": ", file, " has no tensor \"", name, "\""));
    shard_of_[name] = shard;
  }
}

std::vector<const MappedFile*> CheckpointReader::files() const {
  std::vector<const MappedFile*> files;
  for (const auto& shard : shards_) files.push_back(&shard->file());
  std::sort(files.begin(), files.end(),
            [](const MappedFile* one, const MappedFile* other) { return one->path() < other->path(); });
  return files;
}

std::vector<std::string> CheckpointReader::names() const {
  std::vector<std::string> names;
  for (const auto& [name, shard] : shard_of_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace hiddenkey
