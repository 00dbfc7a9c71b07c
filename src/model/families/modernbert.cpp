#include <cmath>

#include "core/text.h"
#include "model/families/families.h"
#include "model/families/shared.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

/// Of the masked language model's head, of how the same numbers are come by, and of older versions, which nobody reads.
constexpr const char* kModernBertChangesNothing[] = {"decoder_bias",
                                                     "tie_word_embeddings",
                                                     "sparse_prediction",
                                                     "sparse_pred_ignore_index",
                                                     "deterministic_flash_attn",
                                                     "reference_compile",
                                                     "repad_logits_with_grad",
                                                     "layer_norm_eps",
                                                     "position_embedding_type",
                                                     "embedding_dropout",
                                                     "mlp_dropout"};

/// The frequencies of one kind of layer: an object of its own in rope_parameters, over which rope_scaling goes, as
/// Transformers has it; `older` is the field that used to hold theta.
std::vector<double> rotary_of(const Architecture& a, const ConfigFields& fields, const char* kind, const char* older,
                              double theta) {
  Json merged = Json::object();
  for (const auto& [name, inside] : {std::pair{"rope_parameters", kind}, std::pair{"rope_scaling", ""}}) {
    if (!fields.given(name)) continue;
    const Json& given = fields.json()[name];
    if (!given.is_object()) fields.fail(name, cat("expected an object, found ", given.dump()));
    if (*inside == '\0') {
      merged.update(given);
    } else if (given.contains(inside) && !given[inside].is_null()) {
      merged = given[inside];
    }
    if (!merged.is_object()) fields.fail(name, cat(inside, ": expected an object, found ", merged.dump()));
  }
  const ConfigFields scaling(merged, cat(fields.source(), ": rope_parameters: ", kind));
  return read_frequencies(a, fields, scaling, fields.positive(older, theta));
}

void refuse_other_rotary(const ConfigFields& fields) {
  if (!fields.given("rope_parameters") || !fields.json()["rope_parameters"].is_object()) return;
  for (const auto& [name, value] : fields.json()["rope_parameters"].items()) {
    if (name != "full_attention" && name != "sliding_attention")
      fields.fail("rope_parameters", cat(name, ": expected full_attention and sliding_attention alone"));
  }
}

/// Whether a layer has a window: layer_types says it for each, else each but every n-th has one.
std::vector<bool> read_windows(const ConfigFields& fields, int64_t layers) {
  const int64_t every = fields.count("global_attn_every_n_layers", 3);
  std::vector<bool> windows;
  if (!fields.given("layer_types")) {
    for (int64_t i = 0; i < layers; ++i) windows.push_back(i % every != 0);
    return windows;
  }
  const Json& types = fields.json()["layer_types"];
  if (!types.is_array() || static_cast<int64_t>(types.size()) != layers)
    fields.fail("layer_types", cat("expected a type for each of ", layers, " layers, found ", types.dump()));
  for (const Json& type : types) {
    if (type != "full_attention" && type != "sliding_attention")
      fields.fail("layer_types", cat(type.dump(), " is neither full_attention nor sliding_attention"));
    windows.push_back(type == "sliding_attention");
  }
  return windows;
}

/// Layers with a window have rotary frequencies of their own.
void read_layers(Architecture& a, const ConfigFields& fields) {
  refuse_other_rotary(fields);
  a.rotary = {rotary_of(a, fields, "full_attention", "global_rope_theta", 160000),
              rotary_of(a, fields, "sliding_attention", "local_rope_theta", 10000)};
  const int64_t reach = fields.count("local_attention", 128) / 2;
  if (reach == 0) fields.fail("local_attention", "1 leaves a query its own key alone, which is not supported");
  fields.require("sliding_window", reach);
  for (const bool window : read_windows(fields, a.num_layers))
    a.layers.push_back({window ? reach : 0, window ? 1U : 0U, !a.layers.empty()});
}

Pooling read_pooling(const ConfigFields& fields) {
  const std::string pooling = fields.text("classifier_pooling", "cls");
  if (pooling != "cls" && pooling != "mean")
    fields.fail("classifier_pooling", cat("\"", pooling, "\" is neither cls nor mean"));
  return pooling == "mean" ? Pooling::kMean : Pooling::kFirst;
}

/// A new head begins as Transformers has it: by deviations of its own, and nothing beyond some of them.
void read_head(Architecture& a, const ConfigFields& fields) {
  a.pooling = read_pooling(fields);
  a.head_activation = read_activation(fields, "classifier_activation", "gelu");
  a.head_bias = fields.flag("classifier_bias", false);
  a.initializer_range = fields.positive("initializer_range", 0.02);
  a.initializer_cutoff =
      fields.is_null("initializer_cutoff_factor") ? 3 : fields.positive("initializer_cutoff_factor", 2);
  a.dense_range = a.initializer_range / std::sqrt(2.0 * static_cast<double>(a.num_layers));
  a.output_range = 1 / std::sqrt(static_cast<double>(a.hidden_size));
}

Architecture read_modernbert(const ConfigFields& fields, const Family& family) {
  read_shared_fields(fields);
  fields.change_nothing(kModernBertChangesNothing);
  Architecture a;
  a.family = &family;
  a.norm_first = a.gated_mlp = true;
  a.vocab_size = fields.count("vocab_size", 50368);
  a.hidden_size = fields.count("hidden_size", 768);
  a.num_layers = fields.count("num_hidden_layers", 22);
  read_heads(a, fields, "num_attention_heads", "hidden_size", 12);
  if (a.head_size % 2 != 0)
    fields.fail("num_attention_heads", cat("rotary positions need an even head size, not ", a.head_size));
  a.intermediate_size = fields.count("intermediate_size", 1152);
  a.max_positions = fields.count("max_position_embeddings", 8192);
  a.activation = read_activation(fields, "hidden_activation", "gelu");
  read_padding(a, fields, 50283);
  a.norm = fields.flag("norm_bias", false) ? NormKind::kLayer : NormKind::kPlainLayer;
  a.norm_epsilon = fields.positive("norm_eps", 1e-5);
  a.attention_bias = a.output_bias = fields.flag("attention_bias", false);
  a.mlp_bias = fields.flag("mlp_bias", false);
  check_size(a, fields, 0);
  read_layers(a, fields);
  read_head(a, fields);
  return a;
}

constexpr ModuleName kModernBertOutside[] = {{"embeddings.token", "embeddings.tok_embeddings"},
                                             {"embeddings.norm", "embeddings.norm"},
                                             {"final_norm", "final_norm"}};
constexpr ModuleName kModernBertLayer[] = {{"attention.norm", "attn_norm"}, {"attention.qkv", "attn.Wqkv"},
                                           {"attention.output", "attn.Wo"}, {"mlp.norm", "mlp_norm"},
                                           {"mlp.gate_up", "mlp.Wi"},       {"mlp.down", "mlp.Wo"}};
constexpr const char* kModernBertTrained[] = {"classifier"};
constexpr FamilyHead kModernBertHead = {.dense = {"head.dense", "head.dense"},
                                        .norm = {"head.norm", "head.norm"},
                                        .output = {"head.classifier", "classifier"},
                                        .is_pretrained = true,
                                        .pretrained_as = "head",
                                        .trained = kModernBertTrained};
constexpr const char* kModernBertOtherHeads[] = {"decoder."};
constexpr const char* kModernBertTargets[] = {"Wqkv"};

}  // namespace

const Family kModernBert = {
    .name = "modernbert",
    .class_prefix = "ModernBert",
    .read = read_modernbert,
    .prefix = "model.",
    .layer_prefix = "layers.",
    .outside = kModernBertOutside,
    .layer = kModernBertLayer,
    .head = kModernBertHead,
    .token_head = kModernBertHead,
    .classes = {.classify = "ModernBertForSequenceClassification", .tokens = "ModernBertForTokenClassification"},
    .other_heads = kModernBertOtherHeads,
    .lora_targets = kModernBertTargets,
    .rates = kEncoderRates,
};

}  // namespace hiddenkey
