#pragma once

#include <memory>

#include "io/weight_source.h"
#include "model/gguf_model.h"

namespace hiddenkey {

/// The weights of a GGUF file as float32. The rows of query and key, which GGUF interleaves within each head for its
/// own rotary positions, are put back into Transformers' order.
class GgufWeights final : public WeightSource {
 public:
  explicit GgufWeights(std::shared_ptr<const GgufModel> model) : model_(std::move(model)) {}

  const fs::path& path() const override { return gguf().path(); }
  std::vector<const MappedFile*> files() const override { return {&gguf().file()}; }
  std::vector<std::string> names() const override;
  const std::vector<int64_t>& shape(const std::string& name) const override { return tensor(name).shape; }
  std::string type(const std::string& name) const override { return tensor(name).type->name; }
  at::Tensor read(const std::string& name) const override;

 private:
  const Gguf& gguf() const { return model_->file(); }
  const std::string& source_of(const std::string& name) const { return model_->sources().at(name); }
  const GgufTensor& tensor(const std::string& name) const { return gguf().tensor(source_of(name)); }

  std::shared_ptr<const GgufModel> model_;
};

}  // namespace hiddenkey
