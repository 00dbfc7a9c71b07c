#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "io/gguf.h"
#include "text/gguf_vocabulary.h"

namespace hiddenkey {

/// A GGUF file of the architecture llama as a Hugging Face model: its config, its vocabulary, and where its weights
/// are.
class GgufModel {
 public:
  /// ModelError as Gguf has it, and for another architecture.
  explicit GgufModel(const fs::path& path);

  const Gguf& file() const { return gguf_; }
  /// Hugging Face's names of the weights, and the file's.
  const std::map<std::string, std::string>& sources() const { return source_; }
  int64_t query_heads() const;
  int64_t key_heads() const;

  /// What config.json would say. ModelError where something is missing, or changes the function and is not supported.
  nlohmann::json config() const;
  /// [K/2] what each rotary frequency is divided by (LLaMA 3.1 and later), which the config does not say.
  std::optional<std::vector<double>> frequency_divisors() const;
  /// ModelError where the file holds no vocabulary, or a part of it is malformed.
  GgufVocabulary vocabulary() const;

 private:
  int64_t count(const std::string& key) const;
  int64_t count(const std::string& key, int64_t otherwise) const;
  double positive(const std::string& key, double otherwise) const;
  int64_t vocab_size() const;
  nlohmann::json rotary(int64_t head_size) const;
  std::optional<int32_t> token(const std::string& key) const;

  Gguf gguf_;
  std::map<std::string, std::string> source_;
};

/// blk.0.attn_q.weight -> model.layers.0.self_attn.q_proj.weight; a name that is not known stays as it is.
std::string hub_name_of_gguf(const std::string& name);

}  // namespace hiddenkey
