#include "model/gguf_fields.h"

#include <algorithm>
#include <string_view>

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

// What GgufModel reads.
constexpr std::string_view kRead[] = {
    "general.architecture",
    "general.alignment",
    "llama.attention.head_count",
    "llama.attention.head_count_kv",
    "llama.attention.key_length",
    "llama.attention.layer_norm_rms_epsilon",
    "llama.attention.value_length",
    "llama.block_count",
    "llama.context_length",
    "llama.embedding_length",
    "llama.feed_forward_length",
    "llama.rope.dimension_count",
    "llama.rope.freq_base",
    "llama.rope.scale_linear",
    "llama.rope.scaling.factor",
    "llama.rope.scaling.type",
    "llama.vocab_size",
    "tokenizer.ggml.add_bos_token",
    "tokenizer.ggml.add_eos_token",
    "tokenizer.ggml.add_space_prefix",
    "tokenizer.ggml.bos_token_id",
    "tokenizer.ggml.eos_token_id",
    "tokenizer.ggml.merges",
    "tokenizer.ggml.model",
    "tokenizer.ggml.padding_token_id",
    "tokenizer.ggml.pre",
    "tokenizer.ggml.scores",
    "tokenizer.ggml.token_type",
    "tokenizer.ggml.tokens",
    "tokenizer.ggml.unknown_token_id",
};

// What says nothing about ids or logits: names, licences, how the file was made, chats, experts where there are none,
// and the settings of a yarn where there is none.
constexpr std::string_view kChangesNothing[] = {
    "general.",
    "quantize.",
    "split.",
    "tokenizer.chat_template",
    "tokenizer.chat_templates",
    "tokenizer.huggingface.json",
    "tokenizer.ggml.cls_token_id",
    "tokenizer.ggml.eog_token_ids",
    "tokenizer.ggml.eom_token_id",
    "tokenizer.ggml.eot_token_id",
    "tokenizer.ggml.fim_",
    "tokenizer.ggml.mask_token_id",
    "tokenizer.ggml.middle_token_id",
    "tokenizer.ggml.prefix_token_id",
    "tokenizer.ggml.seperator_token_id",
    "tokenizer.ggml.suffix_token_id",
    "tokenizer.ggml.token_type_count",
    "llama.attention.layer_norm_epsilon",
    "llama.expert_",
    "llama.leading_dense_block_count",
    "llama.pooling_type",
    "llama.rope.scaling.finetuned",
    "llama.rope.scaling.original_context_length",
    "llama.rope.scaling.yarn_",
    "llama.tensor_data_layout",
};

struct Flag {
  const char* key;
  bool neutral;
};
constexpr Flag kFlags[] = {
    {"llama.attention.causal", true},
    {"llama.swin_norm", false},
    {"llama.use_parallel_residual", false},
    {"tokenizer.ggml.add_sep_token", false},
    {"tokenizer.ggml.normalizer.lowercase", false},
    {"tokenizer.ggml.remove_extra_whitespaces", false},
};

struct Number {
  const char* key;
  double neutral;
  const char* means;
};
constexpr Number kNumbers[] = {
    {"llama.attention.clamp_kqv", 0, "clamped queries, keys and values"},
    {"llama.attention.max_alibi_bias", 0, "ALiBi"},
    {"llama.attention.scale", 0, "other scales of the scores"},
    {"llama.attn_logit_softcapping", 0, "capped scores"},
    {"llama.embedding_scale", 0, "scaled embeddings"},
    {"llama.expert_count", 0, "mixtures of experts"},
    {"llama.final_logit_softcapping", 0, "capped logits"},
    {"llama.logit_scale", 0, "scaled logits"},
    {"llama.residual_scale", 0, "scaled residuals"},
    {"llama.rope.scaling.attn_factor", 1, "factors on the scores"},
};

// Whatever their value.
constexpr std::string_view kRefused[] = {
    "adapter.",
    "llama.attention.sliding_window_pattern",
    "llama.rope.dimension_sections",
    "llama.rope.freq_base_swa",
    "tokenizer.ggml.precompiled_charsmap",
};

/// An entry that ends in "." or "_" stands for all names that begin with it.
template <std::size_t Size>
bool is_listed(const std::string_view (&list)[Size], std::string_view key) {
  return std::any_of(std::begin(list), std::end(list), [&](std::string_view entry) {
    return entry.ends_with('.') || entry.ends_with('_') ? key.starts_with(entry) : key == entry;
  });
}

bool is_checked(const std::string& key) {
  const auto is_it = [&](const auto& entry) { return key == entry.key; };
  return std::any_of(std::begin(kFlags), std::end(kFlags), is_it) ||
         std::any_of(std::begin(kNumbers), std::end(kNumbers), is_it) || key == "llama.attention.sliding_window";
}

/// A whole file of a model that we know.
void check_kind(const Gguf& gguf) {
  const int64_t count = gguf.whole("split.count").value_or(1);
  if (count > 1)
    gguf.fail("split.count",
              cat("the file is one of ", count,
                  " files of a split model; llama.cpp's `llama-gguf-split --merge` makes one file of them"));
  const std::string type = gguf.text("general.type").value_or("model");
  if (type != "model")
    gguf.fail("general.type", cat("the file holds no model, but something of the type \"", type, '"'));
  const std::string architecture = gguf.text("general.architecture").value_or("");
  if (architecture.empty()) gguf.fail("general.architecture", "is missing");
  if (architecture != "llama")
    gguf.fail("general.architecture", cat('"', architecture, "\" is not supported, only \"llama\""));
}

}  // namespace

void check_gguf_fields(const Gguf& gguf) {
  check_kind(gguf);
  for (const auto& [key, neutral] : kFlags) {
    if (gguf.flag(key).value_or(neutral) != neutral)
      gguf.fail(key, cat("is ", neutral ? "false" : "true", ", which is not supported"));
  }
  for (const auto& [key, neutral, means] : kNumbers) {
    const double value = gguf.number(key).value_or(neutral);
    if (value != neutral) gguf.fail(key, cat("is ", format_number(value), ": ", means, " are not supported"));
  }
  const int64_t window = gguf.whole("llama.attention.sliding_window").value_or(0);
  if (window > 0 && window < gguf.whole("llama.context_length").value_or(0))
    gguf.fail("llama.attention.sliding_window", cat("a window of ", window, " positions is not supported"));
  std::vector<std::string> unknown;
  for (const std::string& key : gguf.keys()) {
    if (is_listed(kRefused, key)) gguf.fail(key, "is not supported");
    if (!is_listed(kRead, key) && !is_listed(kChangesNothing, key) && !is_checked(key)) unknown.push_back(key);
  }
  if (!unknown.empty())
    log::warning(cat(gguf.path().string(), ": these fields are not known and have no effect: ", join(unknown, ", ")));
}

}  // namespace hiddenkey
