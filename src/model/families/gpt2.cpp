#include "model/families/families.h"
#include "model/families/shared.h"

namespace hiddenkey {
namespace {

/// Of the model with two heads, of older versions of Transformers, and of how the same numbers are come by.
constexpr const char* kGpt2ChangesNothing[] = {"n_ctx",
                                               "summary_type",
                                               "summary_use_proj",
                                               "summary_activation",
                                               "summary_proj_to_labels",
                                               "summary_first_dropout",
                                               "reorder_and_upcast_attn"};

/// Transformers takes the names of other families for these sizes as well, and lets them win.
void refuse_other_names(const ConfigFields& fields, const Architecture& a) {
  fields.require("hidden_size", a.hidden_size);
  fields.require("num_hidden_layers", a.num_layers);
  fields.require("num_attention_heads", a.num_heads);
  fields.require("max_position_embeddings", a.max_positions);
}

Architecture read_gpt2(const ConfigFields& fields, const Family& family) {
  read_shared_fields(fields);
  fields.change_nothing(kGpt2ChangesNothing);
  Architecture a;
  a.family = &family;
  a.causal = true;
  a.pooling = Pooling::kLast;
  a.norm_first = true;
  a.vocab_size = fields.count("vocab_size");
  a.hidden_size = fields.count("n_embd");
  a.num_layers = fields.count("n_layer");
  read_heads(a, fields, "n_head", "n_embd");
  a.intermediate_size = fields.count("n_inner", 4 * a.hidden_size);
  a.max_positions = fields.count("n_positions");
  a.activation = read_activation(fields, "activation_function", "gelu_new");
  read_padding(a, fields, -1);
  a.norm_epsilon = fields.positive("layer_norm_epsilon", 1e-5);
  a.initializer_range = fields.positive("initializer_range", 0.02);
  a.tied_head = fields.flag("tie_word_embeddings", true);
  fields.require("scale_attn_weights", true);
  fields.require("scale_attn_by_inverse_layer_idx", false);
  refuse_other_names(fields, a);
  check_size(a, fields, a.max_positions);
  return a;
}

constexpr ModuleName kGpt2Outside[] = {
    {"embeddings.token", "wte"}, {"embeddings.position", "wpe"}, {"final_norm", "ln_f"}};
constexpr ModuleName kGpt2Layer[] = {
    {"attention.norm", "ln_1"}, {"attention.qkv", "attn.c_attn"}, {"attention.output", "attn.c_proj"},
    {"mlp.norm", "ln_2"},       {"mlp.up", "mlp.c_fc"},           {"mlp.down", "mlp.c_proj"}};
// As loralib adapts them. Transformers and PEFT have no such modules; the names are c_attn's with q, k or v instead.
constexpr ModuleName kGpt2Parts[] = {
    {"attention.query", "attn.q"}, {"attention.key", "attn.k"}, {"attention.value", "attn.v"}};
constexpr FusedModule kGpt2Fused[] = {{"attention.qkv", kGpt2Parts}};
constexpr const char* kGpt2Trained[] = {"score"};
constexpr const char* kGpt2Targets[] = {"c_attn"};

}  // namespace

const Family kGpt2 = {
    .name = "gpt2",
    .class_prefix = "GPT2",
    .read = read_gpt2,
    .prefix = "transformer.",
    .layer_prefix = "h.",
    .outside = kGpt2Outside,
    .layer = kGpt2Layer,
    .fused = kGpt2Fused,
    .transposed = true,
    .head = {.output = {"head.score", "score"}, .output_bias = false, .trained = kGpt2Trained},
    .token_head = kTokenClassifier,
    .classes = {.classify = "GPT2ForSequenceClassification",
                .tokens = "GPT2ForTokenClassification",
                .language = "GPT2LMHeadModel"},
    .lora_targets = kGpt2Targets,
    .rates = kDecoderRates,
    .tokenizer = "GPT2Tokenizer",
    .type_ids_are_tokens = true,
    .keeps_padding_row = false,
};

}  // namespace hiddenkey
