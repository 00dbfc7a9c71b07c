#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "io/safetensors.h"
#include "io/weight_source.h"

namespace hiddenkey {

/// The weights of a Hugging Face folder: model.safetensors, or the shards that model.safetensors.index.json lists.
class CheckpointReader final : public WeightSource {
 public:
  /// ModelError where there is neither, a shard is missing, or the index and the shards disagree.
  explicit CheckpointReader(const fs::path& folder);

  const fs::path& path() const override { return folder_; }
  std::vector<fs::path> files() const override;
  std::vector<std::string> names() const override;
  bool contains(const std::string& name) const { return shard_of_.contains(name); }
  const std::vector<int64_t>& shape(const std::string& name) const override { return entry(name).shape; }
  std::string type(const std::string& name) const override { return c10::toString(entry(name).type); }
  at::Tensor read(const std::string& name) const override { return shard_of_.at(name)->read(name); }

 private:
  const TensorEntry& entry(const std::string& name) const { return shard_of_.at(name)->entries().at(name); }
  void read_index(const fs::path& path);

  fs::path folder_;
  std::vector<std::unique_ptr<SafeTensors>> shards_;
  std::unordered_map<std::string, const SafeTensors*> shard_of_;
};

}  // namespace hiddenkey
