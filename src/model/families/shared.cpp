#include "model/families/shared.h"

#include <utility>
#include <vector>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

/// What a config says of itself, of its training, of how text was to be made (Transformers 5 drops that from a config)
/// and of outputs that nobody asks for here.
constexpr const char* kChangeNothing[] = {
    "architectures",
    "model_type",
    "transformers_version",
    "dtype",
    "torch_dtype",
    "_name_or_path",
    "name_or_path",
    "_commit_hash",
    "finetuning_task",
    "task_specific_params",
    "tokenizer_class",
    "id2label",
    "label2id",
    "num_labels",
    "_num_labels",
    "problem_type",
    "use_cache",
    "output_attentions",
    "output_hidden_states",
    "output_past",
    "return_dict",
    "return_dict_in_generate",
    "output_scores",
    "output_logits",
    "torchscript",
    "use_bfloat16",
    "attn_implementation",
    "_attn_implementation",
    "_attn_implementation_autoset",
    "gradient_checkpointing",
    "chunk_size_feed_forward",
    "tie_last_hidden_states",
    "tie_encoder_decoder",
    "cross_attention_hidden_size",
    "bos_token_id",
    "eos_token_id",
    "sep_token_id",
    "cls_token_id",
    "mask_token_id",
    "unk_token_id",
    "decoder_start_token_id",
    "max_length",
    "min_length",
    "do_sample",
    "early_stopping",
    "num_beams",
    "num_beam_groups",
    "diversity_penalty",
    "temperature",
    "top_k",
    "top_p",
    "typical_p",
    "repetition_penalty",
    "length_penalty",
    "no_repeat_ngram_size",
    "encoder_no_repeat_ngram_size",
    "bad_words_ids",
    "num_return_sequences",
    "forced_bos_token_id",
    "forced_eos_token_id",
    "remove_invalid_values",
    "exponential_decay_length_penalty",
    "suppress_tokens",
    "begin_suppress_tokens",
    "prefix",
    "transformers.js_config",
    "unsloth_fixed",
    "unsloth_version",
    // Dropout is what the run's config says, under dropout.pretrained.
    "classifier_dropout",
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "hidden_dropout",
    "attention_dropout",
    "attn_pdrop",
    "embd_pdrop",
    "resid_pdrop",
};

/// Multipliers and caps of models that were made from one of our families; none of them has these fields itself.
void refuse_foreign_arithmetic(const ConfigFields& fields) {
  for (const char* name : {"logit_scale", "logits_scaling", "embedding_multiplier", "residual_multiplier",
                           "partial_rotary_factor", "rotary_pct"})
    fields.require(name, 1.0);
  for (const char* name : {"attn_logit_softcapping", "final_logit_softcapping", "attention_multiplier",
                           "query_pre_attn_scalar", "per_layer_config", "clip_qkv"})
    fields.require(name, nullptr);
  for (const char* name : {"use_qk_norm", "qk_norm", "qk_layernorm", "parallel_attn", "use_parallel_residual", "alibi"})
    fields.require(name, false);
  for (const char* name : {"num_local_experts", "num_experts"}) fields.require(name, 1);
}

/// a * b, or the largest number where that is beyond it.
int64_t product(int64_t a, int64_t b) {
  int64_t result = 0;
  return __builtin_mul_overflow(a, b, &result) ? ConfigFields::kUnlimited : result;
}

int64_t sum(int64_t a, int64_t b) {
  int64_t result = 0;
  return __builtin_add_overflow(a, b, &result) ? ConfigFields::kUnlimited : result;
}

/// The weights of the embeddings and of the layers' matrices; the few others do not matter here.
int64_t count_weights(const Architecture& a, int64_t positions) {
  const int64_t queries = product(a.num_heads, a.head_size), keys = product(a.num_kv_heads, a.head_size);
  int64_t layer = product(2, product(a.hidden_size, queries));
  layer = sum(layer, product(2, product(a.hidden_size, keys)));
  layer = sum(layer, product(2, product(a.hidden_size, a.intermediate_size)));
  return sum(product(a.num_layers, layer), product(sum(a.vocab_size, positions), a.embedding_width()));
}

}  // namespace

Activation read_activation(const ConfigFields& fields, const char* name, const std::string& otherwise) {
  static const std::vector<std::pair<std::string, Activation>> kActivations = {
      {"gelu", Activation::kGelu},
      {"gelu_python", Activation::kGelu},
      {"gelu_new", Activation::kGeluTanh},
      {"gelu_pytorch_tanh", Activation::kGeluTanh},
      {"gelu_python_tanh", Activation::kGeluTanh},
      {"gelu_accurate", Activation::kGeluTanh},
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
  fields.fail(name, cat("\"", wanted, "\" is none of ", join(names, ", ")));
}

void read_heads(Architecture& a, const ConfigFields& fields, const char* heads, const char* width,
                std::optional<int64_t> otherwise) {
  a.num_heads = otherwise ? fields.count(heads, *otherwise) : fields.count(heads);
  if (a.hidden_size % a.num_heads != 0)
    fields.fail(heads, cat(a.num_heads, " heads do not divide ", width, " ", a.hidden_size));
  a.num_kv_heads = a.num_heads;
  a.head_size = a.hidden_size / a.num_heads;
}

void read_padding(Architecture& a, const ConfigFields& fields, int64_t otherwise) {
  // Older LLaMA checkpoints write -1 for a padding token that they do not have.
  const bool none = fields.is_null("pad_token_id") ||
                    (fields.given("pad_token_id") && a.causal && fields.json()["pad_token_id"] == -1);
  a.pad_id = none ? -1 : fields.index("pad_token_id", otherwise);
  if (a.pad_id >= a.vocab_size) fields.fail("pad_token_id", cat(a.pad_id, " is beyond vocab_size ", a.vocab_size));
}

void read_shared_fields(const ConfigFields& fields) {
  fields.change_nothing(kChangeNothing);
  fields.require("is_encoder_decoder", false);
  fields.require("add_cross_attention", false);
  refuse_foreign_arithmetic(fields);
  for (const char* name : {"quantization_config", "compression_config"}) {
    if (fields.given(name)) fields.fail(name, "quantised weights are not supported");
  }
  if (fields.given("pruned_heads") && !fields.json()["pruned_heads"].empty())
    fields.fail("pruned_heads", "is not supported");
}

void check_size(const Architecture& a, const ConfigFields& fields, int64_t positions) {
  if (count_weights(a, positions) <= fields.most_weights()) return;
  throw ModelError(cat(fields.source(), ": the sizes (", a.num_layers, " layers, width ", a.hidden_size,
                       ", vocabulary ", a.vocab_size,
                       " and so on) ask for more weights than the model's files can hold"));
}

}  // namespace hiddenkey
