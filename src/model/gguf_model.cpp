#include "model/gguf_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/text.h"
#include "model/gguf_fields.h"
#include "text/gguf_words.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

struct NamePair {
  const char* gguf;
  const char* hub;
};
constexpr std::array<NamePair, 3> kOutside = {
    {{"token_embd", "model.embed_tokens"}, {"output_norm", "model.norm"}, {"output", "lm_head"}}};
constexpr std::array<NamePair, 9> kLayer = {{{"attn_norm", "input_layernorm"},
                                             {"attn_q", "self_attn.q_proj"},
                                             {"attn_k", "self_attn.k_proj"},
                                             {"attn_v", "self_attn.v_proj"},
                                             {"attn_output", "self_attn.o_proj"},
                                             {"ffn_norm", "post_attention_layernorm"},
                                             {"ffn_gate", "mlp.gate_proj"},
                                             {"ffn_up", "mlp.up_proj"},
                                             {"ffn_down", "mlp.down_proj"}}};
constexpr const char* kDivisors = "rope_freqs.weight";
constexpr const char* kHeads = "llama.attention.head_count";
constexpr const char* kKeyHeads = "llama.attention.head_count_kv";

}  // namespace

std::string hub_name_of_gguf(const std::string& name) {
  const std::vector<std::string> parts = split(name, '.');
  if (parts.size() == 2) {
    for (const NamePair& pair : kOutside) {
      if (parts[0] == pair.gguf) return cat(pair.hub, ".", parts[1]);
    }
  } else if (parts.size() == 4 && parts[0] == "blk") {
    for (const NamePair& pair : kLayer) {
      if (parts[2] == pair.gguf) return cat("model.layers.", parts[1], ".", pair.hub, ".", parts[3]);
    }
  }
  return name;
}

GgufModel::GgufModel(const fs::path& path) : gguf_(path) {
  check_gguf_fields(gguf_);
  for (const auto& [name, tensor] : gguf_.tensors()) {
    if (name.starts_with("rope_factors_")) gguf_.fail(name, "factors by the text's length are not supported");
    if (name != kDivisors && !source_.emplace(hub_name_of_gguf(name), name).second)
      gguf_.fail(name, "is there under another name too");
  }
}

int64_t GgufModel::query_heads() const { return count(kHeads); }

int64_t GgufModel::key_heads() const { return count(kKeyHeads, query_heads()); }

int64_t GgufModel::count(const std::string& key) const {
  const std::optional<int64_t> value = gguf_.whole(key);
  if (!value) gguf_.fail(key, "is missing");
  if (*value < 1 || *value > std::numeric_limits<int32_t>::max()) gguf_.fail(key, cat(*value, " is out of range"));
  return *value;
}

int64_t GgufModel::count(const std::string& key, int64_t otherwise) const {
  return gguf_.whole(key) ? count(key) : otherwise;
}

double GgufModel::positive(const std::string& key, double otherwise) const {
  const double value = gguf_.number(key).value_or(otherwise);
  if (!std::isfinite(value) || value <= 0) gguf_.fail(key, cat(format_number(value), " is no positive number"));
  return value;
}

int64_t GgufModel::vocab_size() const {
  if (gguf_.whole("llama.vocab_size")) return count("llama.vocab_size");
  const auto table = gguf_.tensors().find("token_embd.weight");
  if (table == gguf_.tensors().end() || table->second.shape.empty()) gguf_.fail("token_embd.weight", "is missing");
  return table->second.shape.front();
}

Json GgufModel::rotary(int64_t head_size) const {
  const int64_t rotated = count("llama.rope.dimension_count", head_size);
  if (rotated != head_size)
    gguf_.fail("llama.rope.dimension_count",
               cat(rotated, " is not the head size ", head_size, "; no other is supported"));
  Json rope = {{"rope_theta", positive("llama.rope.freq_base", 10000)}, {"rope_type", "default"}};
  // A factor without a type is that of linear scaling, and so is the older key.
  const std::string type = gguf_.text("llama.rope.scaling.type").value_or("linear");
  const double older = positive("llama.rope.scale_linear", 1);
  const double factor = positive("llama.rope.scaling.factor", older);
  if (type != "linear" && type != "none")
    gguf_.fail("llama.rope.scaling.type", cat("\"", type, "\" is not supported, only none and linear"));
  if (type == "linear" && factor != 1) {
    rope["rope_type"] = "linear";
    rope["factor"] = factor;
  }
  return rope;
}

Json GgufModel::config() const {
  const int64_t hidden = count("llama.embedding_length"), heads = count(kHeads);
  if (!gguf_.whole("llama.attention.key_length") && hidden % heads != 0)
    gguf_.fail(kHeads, cat(heads, " heads do not divide the width ", hidden));
  const int64_t head_size = count("llama.attention.key_length", hidden / heads);
  if (count("llama.attention.value_length", head_size) != head_size)
    gguf_.fail("llama.attention.value_length", "differs from the keys' length, which is not supported");
  Json config = {{"model_type", "llama"},
                 {"architectures", Json::array({"LlamaForCausalLM"})},
                 {"vocab_size", vocab_size()},
                 {"hidden_size", hidden},
                 {"num_hidden_layers", count("llama.block_count")},
                 {"num_attention_heads", heads},
                 {"num_key_value_heads", count(kKeyHeads, heads)},
                 {"head_dim", head_size},
                 {"intermediate_size", count("llama.feed_forward_length")},
                 {"max_position_embeddings", count("llama.context_length")},
                 {"hidden_act", "silu"},
                 {"rms_norm_eps", positive("llama.attention.layer_norm_rms_epsilon", 0)},
                 {"rope_parameters", rotary(head_size)},
                 {"attention_bias", gguf_.tensors().contains("blk.0.attn_q.bias")},
                 {"mlp_bias", gguf_.tensors().contains("blk.0.ffn_up.bias")},
                 {"tie_word_embeddings", !gguf_.tensors().contains("output.weight")}};
  for (const auto& [key, name] :
       {NamePair{"bos", "bos_token_id"}, NamePair{"eos", "eos_token_id"}, NamePair{"padding", "pad_token_id"}}) {
    if (const auto id = token(cat("tokenizer.ggml.", key, "_token_id"))) config[name] = *id;
  }
  return config;
}

std::optional<std::vector<double>> GgufModel::frequency_divisors() const {
  if (!gguf_.tensors().contains(kDivisors)) return std::nullopt;
  const GgufTensor& tensor = gguf_.tensor(kDivisors);
  const GgufType& type = *tensor.type;
  std::vector<float> values(tensor.size / type.bytes * static_cast<std::size_t>(type.values));
  for (std::size_t i = 0; i < tensor.size / type.bytes; ++i)
    type.to_float(gguf_.data(tensor) + i * type.bytes, values.data() + i * static_cast<std::size_t>(type.values));
  const auto positive = [](float value) { return std::isfinite(value) && value > 0; };
  if (tensor.shape.size() != 1 || !std::all_of(values.begin(), values.end(), positive))
    gguf_.fail(kDivisors, "expected a row of positive numbers");
  return std::vector<double>(values.begin(), values.end());
}

std::optional<int32_t> GgufModel::token(const std::string& key) const {
  const std::optional<int64_t> id = gguf_.whole(key);
  if (!id) return std::nullopt;
  if (*id < 0 || *id >= vocab_size()) gguf_.fail(key, cat(*id, " is no token of ", vocab_size()));
  return static_cast<int32_t>(*id);
}

GgufVocabulary GgufModel::vocabulary() const {
  const std::string prefix = "tokenizer.ggml.";
  GgufVocabulary vocabulary;
  const std::optional<std::string> model = gguf_.text(prefix + "model");
  std::optional<std::vector<std::string>> tokens = gguf_.texts(prefix + "tokens");
  if (!model) gguf_.fail(prefix + "model", "is missing: the file holds no tokenizer");
  if (!tokens) gguf_.fail(prefix + "tokens", "is missing: the file holds no tokenizer");
  vocabulary.model = *model;
  vocabulary.tokens = std::move(*tokens);
  vocabulary.pre = gguf_.text(prefix + "pre").value_or("");
  vocabulary.merges = gguf_.texts(prefix + "merges").value_or(std::vector<std::string>());
  if (vocabulary.model == "gpt2" && vocabulary.merges.empty()) gguf_.fail(prefix + "merges", "is missing");
  for (const double score : gguf_.numbers(prefix + "scores").value_or(std::vector<double>()))
    vocabulary.scores.push_back(static_cast<float>(score));
  for (const int64_t type : gguf_.wholes(prefix + "token_type").value_or(std::vector<int64_t>())) {
    if (type < 0 || type > 6) gguf_.fail(prefix + "token_type", cat(type, " is not supported"));
    vocabulary.token_types.push_back(static_cast<int32_t>(type));
  }
  vocabulary.bos = token(prefix + "bos_token_id");
  vocabulary.eos = token(prefix + "eos_token_id");
  vocabulary.pad = token(prefix + "padding_token_id");
  vocabulary.unknown = token(prefix + "unknown_token_id");
  // What llama.cpp takes where the file does not say it.
  const bool is_llama = vocabulary.model == "llama";
  if (is_llama && vocabulary.tokens.size() > 2) {
    if (!vocabulary.unknown) vocabulary.unknown = 0;
    if (!vocabulary.bos) vocabulary.bos = 1;
    if (!vocabulary.eos) vocabulary.eos = 2;
  }
  const bool begins = is_llama || (vocabulary.model == "gpt2" && gguf_words(vocabulary.pre).add_bos);
  vocabulary.add_bos = gguf_.flag(prefix + "add_bos_token").value_or(begins);
  vocabulary.add_eos = gguf_.flag(prefix + "add_eos_token").value_or(false);
  vocabulary.add_space_prefix = gguf_.flag(prefix + "add_space_prefix").value_or(true);
  return vocabulary;
}

}  // namespace hiddenkey
