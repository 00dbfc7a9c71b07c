#include <algorithm>

#include "core/text.h"
#include "model/families/families.h"
#include "model/families/shared.h"

namespace hiddenkey {
namespace {

/// How the same numbers are come by: pretraining_tp cuts a product into parts.
constexpr const char* kLlamaChangesNothing[] = {"pretraining_tp", "is_decoder", "is_llama_config",
                                                "max_sequence_length"};

/// Heads of the queries and of the keys, and their size.
void read_shared_heads(Architecture& a, const ConfigFields& fields, const std::string& family) {
  a.num_heads = fields.count("num_attention_heads");
  // Transformers takes null for as many as there are queries, and has a number of its own where the field is absent.
  const bool null = fields.is_null("num_key_value_heads");
  const int64_t absent = null || family == "llama" ? a.num_heads : family == "mistral" ? 8 : 32;
  a.num_kv_heads = fields.count("num_key_value_heads", absent);
  if (a.num_heads % a.num_kv_heads != 0)
    fields.fail("num_key_value_heads", cat(a.num_kv_heads, " do not divide num_attention_heads ", a.num_heads));
  if (fields.given("head_dim")) {
    a.head_size = fields.count("head_dim");
  } else {
    const int64_t kv_heads = a.num_kv_heads;
    read_heads(a, fields, "num_attention_heads", "hidden_size");
    a.num_kv_heads = kv_heads;
  }
  if (a.head_size % 2 != 0) fields.fail("head_dim", cat("rotary positions need an even head size, not ", a.head_size));
}

/// Whether any of Qwen2's layers has a window: layer_types says it for each, else those from max_window_layers on.
bool has_window(const ConfigFields& fields, const Architecture& a) {
  const int64_t first = fields.index("max_window_layers", 28);
  bool any = first < a.num_layers;
  if (fields.given("layer_types")) {
    const nlohmann::json& types = fields.json()["layer_types"];
    any = false;
    for (const nlohmann::json& type : types.is_array() ? types : nlohmann::json::array({types})) {
      if (type != "full_attention" && type != "sliding_attention")
        fields.fail("layer_types", cat(type.dump(), " is neither full_attention nor sliding_attention"));
      any = any || type == "sliding_attention";
    }
  }
  const bool used = fields.flag("use_sliding_window", false);
  if (any && !used && fields.given("layer_types"))
    fields.fail("layer_types", "asks for a sliding window, but use_sliding_window is not true");
  return any && used;
}

/// How many positions back a query sees; 0: all. Within that many positions the model is the same without a window.
int64_t sliding_window(const ConfigFields& fields, const Architecture& a) {
  if (a.family == "llama") return 0;
  const int64_t window = fields.is_null("sliding_window") ? 0 : fields.count("sliding_window", 4096);
  return a.family == "mistral" || has_window(fields, a) ? window : 0;
}

/// Of the three only LLaMA has fields for its biases.
void read_biases(Architecture& a, const ConfigFields& fields) {
  const bool llama = a.family == "llama";
  a.attention_bias = llama ? fields.flag("attention_bias", false) : a.family == "qwen2";
  a.output_bias = llama && a.attention_bias;
  a.mlp_bias = llama && fields.flag("mlp_bias", false);
}

}  // namespace

Architecture read_llama_config(const ConfigFields& fields, const std::string& family) {
  read_shared_fields(fields);
  fields.change_nothing(kLlamaChangesNothing);
  Architecture a;
  a.family = family;
  a.causal = a.norm_first = a.rms_norm = a.gated_mlp = true;
  a.vocab_size = fields.count("vocab_size");
  a.hidden_size = fields.count("hidden_size");
  a.num_layers = fields.count("num_hidden_layers");
  read_shared_heads(a, fields, family);
  a.intermediate_size = fields.count("intermediate_size");
  const int64_t usual_context = family == "mistral" ? 131072 : family == "qwen2" ? 32768 : 2048;
  a.max_positions = fields.count("max_position_embeddings", usual_context);
  a.activation = read_activation(fields, "hidden_act", "silu");
  read_padding(a, fields, -1);
  a.norm_epsilon = fields.positive("rms_norm_eps", 1e-6);
  a.initializer_range = fields.positive("initializer_range", 0.02);
  read_biases(a, fields);
  a.tied_head = fields.flag("tie_word_embeddings", false);
  for (const char* name : {"rope_interleaved", "use_mrope"}) fields.require(name, false);
  check_size(a, fields, 0);
  read_rotary(a, fields);
  if (const int64_t window = sliding_window(fields, a); window > 0) a.max_positions = std::min(a.max_positions, window);
  return a;
}

}  // namespace hiddenkey
