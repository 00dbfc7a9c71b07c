#include "model/family_configs.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "core/text.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

Activation read_activation(const ConfigFields& fields, const char* name, const std::string& otherwise) {
  static const std::vector<std::pair<std::string, Activation>> kActivations = {
      {"gelu", Activation::kGelu},
      {"gelu_new", Activation::kGeluTanh},
      {"gelu_pytorch_tanh", Activation::kGeluTanh},
      {"gelu_fast", Activation::kGeluTanh},
      {"relu", Activation::kRelu},
      {"silu", Activation::kSilu},
      {"swish", Activation::kSilu},
      {"tanh", Activation::kTanh}};
  const std::string wanted = fields.text(name, otherwise);
  std::vector<std::string> names;
  for (const auto& [known, activation] : kActivations) {
    if (wanted == known) return activation;
    names.push_back(known);
  }
  fields.fail(name, cat("\"", wanted, "\" is none of ", join(names, ", "), did_you_mean(wanted, names)));
}

/// The heads of a model whose head size follows from its width.
void read_heads(Architecture& a, const ConfigFields& fields, const char* heads, const char* width) {
  a.num_heads = fields.count(heads);
  if (a.hidden_size % a.num_heads != 0)
    fields.fail(heads, cat(a.num_heads, " heads do not divide ", width, " ", a.hidden_size));
  a.num_kv_heads = a.num_heads;
  a.head_size = a.hidden_size / a.num_heads;
}

/// theta^(-2i/K) for the K/2 pairs of a head (Su et al., 2021).
std::vector<double> rotary_frequencies(double theta, int64_t head_size) {
  std::vector<double> frequencies;
  for (int64_t i = 0; i < head_size; i += 2)
    frequencies.push_back(std::pow(theta, -static_cast<double>(i) / static_cast<double>(head_size)));
  return frequencies;
}

/// LLaMA 3.1's stretching: waves longer than the original context are slowed by `factor`, short ones stay, and what
/// lies between goes over smoothly.
void stretch_llama3(std::vector<double>& frequencies, const ConfigFields& scaling) {
  const double factor = scaling.positive("factor", 0), low = scaling.positive("low_freq_factor", 0);
  const double high = scaling.positive("high_freq_factor", 0);
  const auto context = static_cast<double>(scaling.count("original_max_position_embeddings"));
  if (factor == 0 || low == 0 || high <= low)
    scaling.fail("factor", "llama3 needs factor, low_freq_factor and a larger high_freq_factor");
  for (double& frequency : frequencies) {
    const double turns = context * frequency / (2 * std::numbers::pi);
    const double smooth = std::clamp((turns - low) / (high - low), 0.0, 1.0);
    frequency *= (1 - smooth) / factor + smooth;
  }
}

/// rope_theta and rope_scaling, or rope_parameters, which newer versions of Transformers write for both.
void read_rotary(Architecture& a, const ConfigFields& fields) {
  const char* name = fields.given("rope_parameters") ? "rope_parameters" : "rope_scaling";
  const Json none = Json::object();
  const Json& json = fields.given(name) ? fields.json()[name] : none;
  if (!json.is_object()) fields.fail(name, cat("expected an object, found ", json.dump()));
  const ConfigFields scaling(json, cat(fields.source(), ": ", name));
  a.rotary = rotary_frequencies(scaling.positive("rope_theta", fields.positive("rope_theta", 10000)), a.head_size);
  const std::string type = scaling.text("rope_type", scaling.text("type", "default"));
  if (type == "linear") {
    const double factor = scaling.positive("factor", 0);
    if (factor == 0) scaling.fail("factor", "is missing");
    for (double& frequency : a.rotary) frequency /= factor;
  } else if (type == "llama3") {
    stretch_llama3(a.rotary, scaling);
  } else if (type != "default") {
    scaling.fail("rope_type", cat("\"", type, "\" is not supported, only default, linear, llama3"));
  }
}

/// How many positions back a query sees; 0: all. Within that many positions the model is the same without a window.
int64_t sliding_window(const ConfigFields& fields, const std::string& family) {
  if (family == "llama" || (family == "qwen2" && !fields.flag("use_sliding_window", false))) return 0;
  if (fields.json().contains("sliding_window") && fields.json()["sliding_window"].is_null()) return 0;
  return fields.count("sliding_window", 4096);
}

}  // namespace

/// BERT and RoBERTa share their config; RoBERTa counts positions from behind its padding token.
Architecture read_encoder_config(const ConfigFields& fields, const std::string& family) {
  const bool roberta = family == "roberta";
  Architecture a;
  a.family = family;
  a.vocab_size = fields.count("vocab_size");
  a.hidden_size = fields.count("hidden_size");
  a.num_layers = fields.count("num_hidden_layers");
  read_heads(a, fields, "num_attention_heads", "hidden_size");
  a.intermediate_size = fields.count("intermediate_size");
  a.pad_id = fields.index("pad_token_id", roberta ? 1 : 0);
  a.position_offset = roberta ? a.pad_id + 1 : 0;
  a.max_positions = fields.count("max_position_embeddings", 512) - a.position_offset;
  if (a.max_positions < 1) fields.fail("max_position_embeddings", "leaves no position beside the padding offset");
  a.type_vocab_size = fields.count("type_vocab_size", 2);
  a.activation = read_activation(fields, "hidden_act", "gelu");
  a.norm_epsilon = fields.positive("layer_norm_eps", roberta ? 1e-5 : 1e-12);
  a.initializer_range = fields.positive("initializer_range", 0.02);
  fields.require("position_embedding_type", "absolute");
  fields.require("is_decoder", false);
  fields.require("add_cross_attention", false);
  fields.require("embedding_size", a.hidden_size);
  if (fields.given("pruned_heads") && !fields.json()["pruned_heads"].empty())
    fields.fail("pruned_heads", "is not supported");
  return a;
}

Architecture read_gpt2_config(const ConfigFields& fields) {
  Architecture a;
  a.family = "gpt2";
  a.causal = true;
  a.norm_first = true;
  a.vocab_size = fields.count("vocab_size");
  a.hidden_size = fields.count("n_embd");
  a.num_layers = fields.count("n_layer");
  read_heads(a, fields, "n_head", "n_embd");
  a.intermediate_size = fields.count("n_inner", 4 * a.hidden_size);
  a.max_positions = fields.count("n_positions");
  a.activation = read_activation(fields, "activation_function", "gelu_new");
  a.pad_id = fields.index("pad_token_id", -1);
  a.norm_epsilon = fields.positive("layer_norm_epsilon", 1e-5);
  a.initializer_range = fields.positive("initializer_range", 0.02);
  fields.require("scale_attn_weights", true);
  fields.require("scale_attn_by_inverse_layer_idx", false);
  fields.require("add_cross_attention", false);
  fields.require("tie_word_embeddings", true);
  return a;
}

Architecture read_llama_config(const ConfigFields& fields, const std::string& family) {
  const bool qwen = family == "qwen2";
  Architecture a;
  a.family = family;
  a.causal = a.norm_first = a.rms_norm = a.gated_mlp = true;
  a.vocab_size = fields.count("vocab_size");
  a.hidden_size = fields.count("hidden_size");
  a.num_layers = fields.count("num_hidden_layers");
  a.num_heads = fields.count("num_attention_heads");
  a.num_kv_heads = fields.count("num_key_value_heads", family == "mistral" ? 8 : a.num_heads);
  if (a.num_heads % a.num_kv_heads != 0) {
    fields.fail("num_key_value_heads", cat(a.num_kv_heads, " do not divide num_attention_heads ", a.num_heads));
  }
  if (!fields.given("head_dim")) {
    const int64_t kv_heads = a.num_kv_heads;
    read_heads(a, fields, "num_attention_heads", "hidden_size");
    a.num_kv_heads = kv_heads;
  } else {
    a.head_size = fields.count("head_dim");
  }
  if (a.head_size % 2 != 0) fields.fail("head_dim", cat("rotary positions need an even head size, not ", a.head_size));
  a.intermediate_size = fields.count("intermediate_size");
  a.max_positions = fields.count("max_position_embeddings", family == "mistral" ? 131072 : qwen ? 32768 : 2048);
  a.activation = read_activation(fields, "hidden_act", "silu");
  a.pad_id = fields.index("pad_token_id", -1);
  a.norm_epsilon = fields.positive("rms_norm_eps", 1e-6);
  a.initializer_range = fields.positive("initializer_range", 0.02);
  a.attention_bias = fields.flag("attention_bias", qwen);
  a.output_bias = a.attention_bias && !qwen;
  a.mlp_bias = fields.flag("mlp_bias", false);
  a.tied_head = fields.flag("tie_word_embeddings", false);
  read_rotary(a, fields);
  const int64_t window = sliding_window(fields, family);
  if (window > 0) a.max_positions = std::min(a.max_positions, window);
  fields.require("pretraining_tp", 1);
  return a;
}

}  // namespace hiddenkey
