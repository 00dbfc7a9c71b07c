#include "model/families/bert.h"

#include "model/families/families.h"
#include "model/families/shared.h"

namespace hiddenkey {
namespace {

/// Of BERT's multilingual checkpoints and of older versions of Transformers.
constexpr const char* kBertChangesNothing[] = {
    "directionality",       "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers",
    "pooler_size_per_head", "pooler_type",    "output_embedding_size",      "tie_word_embeddings"};

void refuse_other_functions(const ConfigFields& fields) {
  fields.require("position_embedding_type", "absolute");
  fields.require("is_decoder", false);
  fields.require("num_hidden_groups", 1);
}

Architecture read_bert(const ConfigFields& fields, const Family& family) {
  Architecture a = read_bert_fields(fields, family, 0);
  fields.require("embedding_size", a.hidden_size);
  check_size(a, fields, a.max_positions);
  return a;
}

constexpr ModuleName kBertPooler = {"head.pooler", "bert.pooler.dense"};
constexpr ModuleName kBertClassifier = {"head.classifier", "classifier"};
constexpr const char* kBertTrained[] = {"classifier"};

}  // namespace

Architecture read_bert_fields(const ConfigFields& fields, const Family& family, int64_t padding) {
  read_shared_fields(fields);
  fields.change_nothing(kBertChangesNothing);
  Architecture a;
  a.family = &family;
  a.vocab_size = fields.count("vocab_size");
  a.hidden_size = fields.count("hidden_size");
  a.num_layers = fields.count("num_hidden_layers");
  read_heads(a, fields, "num_attention_heads", "hidden_size");
  a.intermediate_size = fields.count("intermediate_size");
  read_padding(a, fields, padding);
  a.max_positions = fields.count("max_position_embeddings", 512);
  a.type_vocab_size = fields.count("type_vocab_size", 2);
  a.activation = read_activation(fields, "hidden_act", "gelu");
  a.norm_epsilon = fields.positive("layer_norm_eps", 1e-12);
  a.initializer_range = fields.positive("initializer_range", 0.02);
  refuse_other_functions(fields);
  return a;
}

const Family kBert = {
    .name = "bert",
    .class_prefix = "Bert",
    .read = read_bert,
    .prefix = "bert.",
    .layer_prefix = "encoder.layer.",
    .outside = kBertOutside,
    .layer = kBertLayer,
    .head = {.dense = kBertPooler,
             .output = kBertClassifier,
             .is_pretrained = true,
             .pretrained_as = "pooler",
             .trained = kBertTrained},
    .token_head = kTokenClassifier,
    .classes = {.classify = "BertForSequenceClassification", .tokens = "BertForTokenClassification"},
    .lora_targets = kBertTargets,
    .rates = kEncoderRates,
    .tokenizer = "BertTokenizer",
};

}  // namespace hiddenkey
