#include <algorithm>

#include "core/text.h"
#include "model/families/families.h"
#include "model/families/shared.h"

namespace hiddenkey {
namespace {

/// How the same numbers are come by: pretraining_tp cuts a product into parts.
constexpr const char* kLlamaChangesNothing[] = {"pretraining_tp", "is_decoder", "is_llama_config",
                                                "max_sequence_length"};

enum class Biases {
  kAsFields,   ///< attention_bias and mlp_bias say it
  kAttention,  ///< attention_bias says it, and the MLP has none
  kInputs,     ///< of query, key and value alone
  kNone,
};

enum class Windows {
  kNone,
  kEveryLayer,  ///< sliding_window alone says it
  kByLayer,     ///< use_sliding_window, and layer_types or max_window_layers
};

/// In what the families of LLaMA's kind differ, beside their names.
struct LlamaKind {
  int64_t kv_heads;  ///< where num_key_value_heads is absent; 0: as many as there are queries
  int64_t context;   ///< where max_position_embeddings is absent
  Biases biases;
  Windows windows;
  int64_t head_size = 0;  ///< where head_dim is absent; 0: it follows from the width
};

/// Heads of the queries and of the keys, and their size.
void read_shared_heads(Architecture& a, const ConfigFields& fields, const LlamaKind& kind) {
  a.num_heads = fields.count("num_attention_heads");
  // Transformers takes null for as many as there are queries, and has a number of its own where the field is absent.
  const bool as_queries = fields.is_null("num_key_value_heads") || kind.kv_heads == 0;
  a.num_kv_heads = fields.count("num_key_value_heads", as_queries ? a.num_heads : kind.kv_heads);
  if (a.num_heads % a.num_kv_heads != 0)
    fields.fail("num_key_value_heads", cat(a.num_kv_heads, " do not divide num_attention_heads ", a.num_heads));
  if (fields.given("head_dim") || kind.head_size > 0) {
    a.head_size = fields.count("head_dim", kind.head_size);
  } else {
    const int64_t kv_heads = a.num_kv_heads;
    read_heads(a, fields, "num_attention_heads", "hidden_size");
    a.num_kv_heads = kv_heads;
  }
  if (a.head_size % 2 != 0) fields.fail("head_dim", cat("rotary positions need an even head size, not ", a.head_size));
}

/// Whether any layer has a window where each may: layer_types says it for each, else those from max_window_layers on.
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
int64_t sliding_window(const ConfigFields& fields, const Architecture& a, Windows windows) {
  if (windows == Windows::kNone) return 0;
  const int64_t window = fields.is_null("sliding_window") ? 0 : fields.count("sliding_window", 4096);
  return windows == Windows::kEveryLayer || has_window(fields, a) ? window : 0;
}

void read_biases(Architecture& a, const ConfigFields& fields, Biases biases) {
  const bool told = biases == Biases::kAsFields || biases == Biases::kAttention;
  a.attention_bias = told ? fields.flag("attention_bias", false) : biases == Biases::kInputs;
  a.output_bias = told && a.attention_bias;
  a.mlp_bias = biases == Biases::kAsFields && fields.flag("mlp_bias", false);
}

Architecture read_decoder(const ConfigFields& fields, const Family& family, const LlamaKind& kind) {
  read_shared_fields(fields);
  fields.change_nothing(kLlamaChangesNothing);
  Architecture a;
  a.family = &family;
  a.causal = a.norm_first = a.gated_mlp = true;
  a.norm = NormKind::kRms;
  a.pooling = Pooling::kLast;
  a.vocab_size = fields.count("vocab_size");
  a.hidden_size = fields.count("hidden_size");
  a.num_layers = fields.count("num_hidden_layers");
  read_shared_heads(a, fields, kind);
  a.intermediate_size = fields.count("intermediate_size");
  a.max_positions = fields.count("max_position_embeddings", kind.context);
  a.activation = read_activation(fields, "hidden_act", "silu");
  read_padding(a, fields, -1);
  a.norm_epsilon = fields.positive("rms_norm_eps", 1e-6);
  a.initializer_range = fields.positive("initializer_range", 0.02);
  read_biases(a, fields, kind.biases);
  a.tied_head = fields.flag("tie_word_embeddings", false);
  for (const char* name : {"rope_interleaved", "use_mrope"}) fields.require(name, false);
  check_size(a, fields, 0);
  a.rotary = {read_rotary(a, fields)};
  const int64_t window = sliding_window(fields, a, kind.windows);
  if (window > 0) a.max_positions = std::min(a.max_positions, window);
  return a;
}

Architecture read_llama(const ConfigFields& fields, const Family& family) {
  return read_decoder(fields, family, {0, 2048, Biases::kAsFields, Windows::kNone});
}

Architecture read_mistral(const ConfigFields& fields, const Family& family) {
  return read_decoder(fields, family, {8, 131072, Biases::kNone, Windows::kEveryLayer});
}

Architecture read_qwen2(const ConfigFields& fields, const Family& family) {
  return read_decoder(fields, family, {32, 32768, Biases::kInputs, Windows::kByLayer});
}

Architecture read_qwen3(const ConfigFields& fields, const Family& family) {
  return read_decoder(fields, family, {32, 32768, Biases::kAttention, Windows::kByLayer, 128});
}

constexpr ModuleName kLlamaOutside[] = {{"embeddings.token", "embed_tokens"}, {"final_norm", "norm"}};
constexpr ModuleName kLlamaLayer[] = {{"attention.norm", "input_layernorm"},
                                      {"attention.query", "self_attn.q_proj"},
                                      {"attention.key", "self_attn.k_proj"},
                                      {"attention.value", "self_attn.v_proj"},
                                      {"attention.output", "self_attn.o_proj"},
                                      {"mlp.norm", "post_attention_layernorm"},
                                      {"mlp.gate", "mlp.gate_proj"},
                                      {"mlp.up", "mlp.up_proj"},
                                      {"mlp.down", "mlp.down_proj"}};
constexpr ModuleName kQwen3Layer[] = {kLlamaLayer[0],
                                      kLlamaLayer[1],
                                      kLlamaLayer[2],
                                      kLlamaLayer[3],
                                      {"attention.query_norm", "self_attn.q_norm"},
                                      {"attention.key_norm", "self_attn.k_norm"},
                                      kLlamaLayer[4],
                                      kLlamaLayer[5],
                                      kLlamaLayer[6],
                                      kLlamaLayer[7],
                                      kLlamaLayer[8]};
constexpr const char* kLlamaTrained[] = {"score"};
constexpr const char* kLlamaTargets[] = {"q_proj", "v_proj"};

constexpr Family llama_like(const char* name, const char* class_prefix,
                            Architecture (*read)(const ConfigFields&, const Family&), ModelClasses classes,
                            std::span<const ModuleName> layer = kLlamaLayer) {
  return {
      .name = name,
      .class_prefix = class_prefix,
      .read = read,
      .prefix = "model.",
      .layer_prefix = "layers.",
      .outside = kLlamaOutside,
      .layer = layer,
      .head = {.output = {"head.score", "score"}, .output_bias = false, .trained = kLlamaTrained},
      .token_head = {.output = {"head.score", "score"}, .drops_input = true, .trained = kLlamaTrained},
      .classes = classes,
      .lora_targets = kLlamaTargets,
      .rates = kDecoderRates,
  };
}

}  // namespace

const Family kLlama = llama_like("llama", "Llama", read_llama,
                                 {"LlamaForSequenceClassification", "LlamaForTokenClassification", "LlamaForCausalLM"});
const Family kMistral =
    llama_like("mistral", "Mistral", read_mistral,
               {"MistralForSequenceClassification", "MistralForTokenClassification", "MistralForCausalLM"});
const Family kQwen2 = llama_like("qwen2", "Qwen2", read_qwen2,
                                 {"Qwen2ForSequenceClassification", "Qwen2ForTokenClassification", "Qwen2ForCausalLM"});
const Family kQwen3 =
    llama_like("qwen3", "Qwen3", read_qwen3,
               {"Qwen3ForSequenceClassification", "Qwen3ForTokenClassification", "Qwen3ForCausalLM"}, kQwen3Layer);

}  // namespace hiddenkey
