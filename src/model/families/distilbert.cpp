#include "model/families/families.h"
#include "model/families/shared.h"

namespace hiddenkey {
namespace {

/// Dropout is what the run's config says; of older versions; of the masked language model's head.
constexpr const char* kDistilBertChangesNothing[] = {"dropout", "qa_dropout", "seq_classif_dropout", "tie_weights_",
                                                     "tie_word_embeddings"};

/// Transformers takes BERT's names for these sizes as well, and lets them win.
void refuse_berts_names(const ConfigFields& fields, const Architecture& a) {
  fields.require("hidden_size", a.hidden_size);
  fields.require("num_hidden_layers", a.num_layers);
  fields.require("num_attention_heads", a.num_heads);
}

Architecture read_distilbert(const ConfigFields& fields, const Family& family) {
  read_shared_fields(fields);
  fields.change_nothing(kDistilBertChangesNothing);
  Architecture a;
  a.family = &family;
  a.vocab_size = fields.count("vocab_size", 30522);
  a.hidden_size = fields.count("dim", 768);
  a.num_layers = fields.count("n_layers", 6);
  read_heads(a, fields, "n_heads", "dim", 12);
  a.intermediate_size = fields.count("hidden_dim", 3072);
  a.max_positions = fields.count("max_position_embeddings", 512);
  a.activation = read_activation(fields, "activation", "gelu");
  a.head_activation = Activation::kRelu;
  a.initializer_range = fields.positive("initializer_range", 0.02);
  read_padding(a, fields, 0);
  // Such a table is in the checkpoint, but would have to stay as it is in full finetuning.
  fields.require("sinusoidal_pos_embds", false);
  refuse_berts_names(fields, a);
  check_size(a, fields, a.max_positions);
  return a;
}

constexpr ModuleName kDistilBertOutside[] = {{"embeddings.token", "embeddings.word_embeddings"},
                                             {"embeddings.position", "embeddings.position_embeddings"},
                                             {"embeddings.norm", "embeddings.LayerNorm"}};
constexpr ModuleName kDistilBertLayer[] = {{"attention.query", "attention.q_lin"},
                                           {"attention.key", "attention.k_lin"},
                                           {"attention.value", "attention.v_lin"},
                                           {"attention.output", "attention.out_lin"},
                                           {"attention.norm", "sa_layer_norm"},
                                           {"mlp.up", "ffn.lin1"},
                                           {"mlp.down", "ffn.lin2"},
                                           {"mlp.norm", "output_layer_norm"}};
constexpr const char* kDistilBertTrained[] = {"pre_classifier", "classifier"};
constexpr const char* kDistilBertOtherHeads[] = {"vocab_transform.", "vocab_layer_norm.", "vocab_projector."};
constexpr const char* kDistilBertTargets[] = {"q_lin", "v_lin"};

}  // namespace

const Family kDistilBert = {
    .name = "distilbert",
    .class_prefix = "DistilBert",
    .read = read_distilbert,
    .prefix = "distilbert.",
    .layer_prefix = "transformer.layer.",
    .outside = kDistilBertOutside,
    .layer = kDistilBertLayer,
    .head = {.dense = {"head.dense", "pre_classifier"},
             .output = {"head.classifier", "classifier"},
             .trained = kDistilBertTrained},
    .token_head = kTokenClassifier,
    .classes = {.classify = "DistilBertForSequenceClassification", .tokens = "DistilBertForTokenClassification"},
    .other_heads = kDistilBertOtherHeads,
    .lora_targets = kDistilBertTargets,
    .rates = kEncoderRates,
};

}  // namespace hiddenkey
