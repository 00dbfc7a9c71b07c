#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "io/safetensors.h"

namespace hiddenkey {

/// The weights of a Hugging Face folder: model.safetensors, or the shards that model.safetensors.index.json lists.
class CheckpointReader {
 public:
  /// ModelError where there is neither, a shard is missing, or the index and the shards disagree.
  explicit CheckpointReader(const fs::path& folder);

  const fs::path& folder() const { return folder_; }
  /// The files that hold the weights.
  std::vector<fs::path> files() const;
  std::vector<std::string> names() const;
  bool contains(const std::string& name) const { return shard_of_.contains(name); }
  const TensorEntry& entry(const std::string& name) const { return shard_of_.at(name)->entries().at(name); }
  at::Tensor read(const std::string& name) const { return shard_of_.at(name)->read(name); }

 private:
  void read_index(const fs::path& path);

  fs::path folder_;
  std::vector<std::unique_ptr<SafeTensors>> shards_;
  std::unordered_map<std::string, const SafeTensors*> shard_of_;
};

}  // namespace hiddenkey
