#pragma once

#include "io/weight_source.h"
#include "model/gguf_model.h"

namespace hiddenkey {

/// The weights of a GGUF file as float32. The rows of query and key, which GGUF interleaves within each head for its
/// own rotary positions, are put back into Transformers' order.
class GgufWeights final : public WeightSource {
 public:
  /// ModelError as GgufModel has it.
  explicit GgufWeights(const fs::path& path) : model_(path) {}

  const fs::path& path() const override { return model_.file().path(); }
  std::vector<fs::path> files() const override { return {path()}; }
  std::vector<std::string> names() const override;
  const std::vector<int64_t>& shape(const std::string& name) const override { return tensor(name).shape; }
  std::string type(const std::string& name) const override { return tensor(name).type->name; }
  at::Tensor read(const std::string& name) const override;

 private:
  const std::string& source_of(const std::string& name) const { return model_.sources().at(name); }
  const GgufTensor& tensor(const std::string& name) const { return model_.file().tensor(source_of(name)); }

  GgufModel model_;
};

}  // namespace hiddenkey
