#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "io/tensor_file.h"
#include "io/weight_source.h"

namespace hiddenkey {

/// The weights of a Hugging Face folder: the first that is there of model.safetensors, the shards that
/// model.safetensors.index.json lists, pytorch_model.bin and the shards of pytorch_model.bin.index.json.
class CheckpointReader final : public WeightSource {
 public:
  /// ModelError where there is none, a shard is missing, or the index and the shards disagree.
  explicit CheckpointReader(const fs::path& folder);

  const fs::path& path() const override { return folder_; }
  std::vector<const MappedFile*> files() const override;
  std::vector<std::string> names() const override;
  const std::vector<int64_t>& shape(const std::string& name) const override { return shard_of_.at(name)->shape(name); }
  std::string type(const std::string& name) const override { return c10::toString(shard_of_.at(name)->type(name)); }
  at::Tensor read(const std::string& name) const override { return shard_of_.at(name)->read(name); }

 private:
  void read_single(const fs::path& path);
  void read_index(const fs::path& path);

  fs::path folder_;
  std::vector<std::unique_ptr<TensorFile>> shards_;
  std::unordered_map<std::string, const TensorFile*> shard_of_;
};

}  // namespace hiddenkey
