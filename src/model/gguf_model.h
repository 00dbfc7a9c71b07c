#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "io/gguf.h"
#include "io/weight_source.h"
#include "text/gguf_vocabulary.h"

namespace hiddenkey {

/// A GGUF file of the architecture llama as a Hugging Face model: config, weights and vocabulary. Weights are read as
/// float32; the rows of query and key, which GGUF interleaves within each head for its own rotary positions, are put
/// back into Transformers' order.
class GgufModel final : public WeightSource {
 public:
  /// ModelError as Gguf has it, and for another architecture.
  explicit GgufModel(const fs::path& path);

  const fs::path& path() const override { return gguf_.path(); }
  std::vector<fs::path> files() const override { return {path()}; }
  std::vector<std::string> names() const override;
  const std::vector<int64_t>& shape(const std::string& name) const override;
  std::string type(const std::string& name) const override;
  at::Tensor read(const std::string& name) const override;

  /// What config.json would say. ModelError where something is missing, or changes the function and is not supported.
  nlohmann::json config() const;
  /// [K/2] what each rotary frequency is divided by (LLaMA 3.1 and later), which the config does not say.
  std::optional<std::vector<double>> frequency_divisors() const;
  /// ModelError where the file holds no vocabulary, or a part of it is malformed.
  GgufVocabulary vocabulary() const;

 private:
  const std::string& source_of(const std::string& name) const { return source_.at(name); }
  const GgufTensor& tensor(const std::string& name) const { return gguf_.tensors().at(source_of(name)); }
  int64_t count(const std::string& key) const;
  int64_t count(const std::string& key, int64_t otherwise) const;
  double positive(const std::string& key, double otherwise) const;
  int64_t vocab_size() const;
  nlohmann::json rotary(int64_t head_size) const;
  std::optional<int32_t> token(const std::string& key) const;

  Gguf gguf_;
  std::map<std::string, std::string> source_;  ///< Hugging Face's name -> the file's
};

/// blk.0.attn_q.weight -> model.layers.0.self_attn.q_proj.weight; a name that is not known stays as it is.
std::string hub_name_of_gguf(const std::string& name);

}  // namespace hiddenkey
