#include "model/families/families.h"
#include "model/families/shared.h"

namespace hiddenkey {
namespace {

/// Of BERT's multilingual checkpoints and of older versions of Transformers.
constexpr const char* kEncoderChangesNothing[] = {
    "directionality",       "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers",
    "pooler_size_per_head", "pooler_type",    "output_embedding_size",      "tie_word_embeddings"};

void refuse_other_functions(const ConfigFields& fields, const Architecture& a) {
  fields.require("position_embedding_type", "absolute");
  fields.require("is_decoder", false);
  fields.require("embedding_size", a.hidden_size);
  fields.require("num_hidden_groups", 1);
}

}  // namespace

/// RoBERTa counts positions from behind its padding token; otherwise the two share their config.
Architecture read_encoder_config(const ConfigFields& fields, const std::string& family) {
  const bool roberta = family == "roberta";
  read_shared_fields(fields);
  fields.change_nothing(kEncoderChangesNothing);
  Architecture a;
  a.family = family;
  a.vocab_size = fields.count("vocab_size");
  a.hidden_size = fields.count("hidden_size");
  a.num_layers = fields.count("num_hidden_layers");
  read_heads(a, fields, "num_attention_heads", "hidden_size");
  a.intermediate_size = fields.count("intermediate_size");
  read_padding(a, fields, roberta ? 1 : 0);
  if (roberta && a.pad_id < 0) fields.fail("pad_token_id", "is null, but RoBERTa counts positions from it");
  a.position_offset = roberta ? a.pad_id + 1 : 0;
  const int64_t positions = fields.count("max_position_embeddings", 512);
  a.max_positions = positions - a.position_offset;
  if (a.max_positions < 1) fields.fail("max_position_embeddings", "leaves no position beside the padding offset");
  a.type_vocab_size = fields.count("type_vocab_size", 2);
  a.activation = read_activation(fields, "hidden_act", "gelu");
  a.norm_epsilon = fields.positive("layer_norm_eps", 1e-12);
  a.initializer_range = fields.positive("initializer_range", 0.02);
  refuse_other_functions(fields, a);
  check_size(a, fields, positions);
  return a;
}

}  // namespace hiddenkey
