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

}  // namespace

Architecture read_gpt2_config(const ConfigFields& fields, const std::string& family) {
  read_shared_fields(fields);
  fields.change_nothing(kGpt2ChangesNothing);
  Architecture a;
  a.family = family;
  a.causal = true;
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

}  // namespace hiddenkey
