#include "io/checkpoint_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

}  // namespace

CheckpointReader::CheckpointReader(const fs::path& folder) : folder_(folder) {
  const fs::path single = folder / "model.safetensors", index = folder / "model.safetensors.index.json";
  if (is_there(single)) {
    shards_.push_back(std::make_unique<SafeTensors>(single));
    for (const auto& [name, entry] : shards_.front()->entries()) shard_of_[name] = shards_.front().get();
  } else if (is_there(index)) {
    read_index(index);
  } else if (is_there(folder / "pytorch_model.bin")) {
    throw ModelError(cat(folder.string(),
                         ": holds pytorch_model.bin alone; pickled weights can run code and are not read. Save the "
                         "model again with safe_serialization=True"));
  } else {
    throw ModelError(cat(folder.string(), ": has no model.safetensors (nor model.safetensors.index.json)"));
  }
}

void CheckpointReader::read_index(const fs::path& path) {
  const auto json = nlohmann::json::parse(read_file(path), nullptr, false);
  if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object()) {
    throw ModelError(cat(path.string(), ": is no index of weights: expected an object with weight_map"));
  }
  if (json["weight_map"].empty()) throw ModelError(cat(path.string(), ": weight_map: is empty"));
  std::unordered_map<std::string, const SafeTensors*> opened;
  for (const auto& [name, value] : json["weight_map"].items()) {
    const std::string file = value.is_string() ? value.get<std::string>() : "";
    // A shard stands beside its index: a path would lead out of the folder.
    if (file.empty() || file.find('/') != std::string::npos || file.find('\0') != std::string::npos ||
        file.front() == '.') {
      throw ModelError(cat(path.string(), ": weight_map: \"", file, "\" is no name of a file in this folder"));
    }
    const SafeTensors*& shard = opened[file];
    if (shard == nullptr) {
      if (!is_there(folder_ / file)) throw ModelError(cat(path.string(), ": the shard ", file, " is missing"));
      shards_.push_back(std::make_unique<SafeTensors>(folder_ / file));
      shard = shards_.back().get();
    }
    if (!shard->entries().contains(name))
      throw ModelError(cat(path.string(), ": ", file, " has no tensor \"", name, "\""));
    shard_of_[name] = shard;
  }
}

std::vector<fs::path> CheckpointReader::files() const {
  std::vector<fs::path> files;
  for (const auto& shard : shards_) files.push_back(shard->path());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> CheckpointReader::names() const {
  std::vector<std::string> names;
  for (const auto& [name, shard] : shard_of_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace hiddenkey
