#include "model/weight_names.h"

#include <algorithm>
#include <span>

#include "core/text.h"

namespace hiddenkey {
namespace {

using Kind = WeightNames::Kind;

struct Row {
  const char* ours;
  const char* theirs;
  Kind kind;
};

/// A family as its modules outside of the layers, and in each of them.
struct FamilyNames {
  const char* prefix;
  const char* layer_prefix;
  std::span<const Row> outside;
  std::span<const Row> layer;
};

constexpr Row kBertOutside[] = {{"embeddings.token", "embeddings.word_embeddings", Kind::kEmbedding},
                                {"embeddings.position", "embeddings.position_embeddings", Kind::kEmbedding},
                                {"embeddings.type", "embeddings.token_type_embeddings", Kind::kEmbedding},
                                {"embeddings.norm", "embeddings.LayerNorm", Kind::kNorm}};
constexpr Row kBertLayer[] = {{"attention.query", "attention.self.query", Kind::kLinear},
                              {"attention.key", "attention.self.key", Kind::kLinear},
                              {"attention.value", "attention.self.value", Kind::kLinear},
                              {"attention.output", "attention.output.dense", Kind::kLinear},
                              {"attention.norm", "attention.output.LayerNorm", Kind::kNorm},
                              {"mlp.up", "intermediate.dense", Kind::kLinear},
                              {"mlp.down", "output.dense", Kind::kLinear},
                              {"mlp.norm", "output.LayerNorm", Kind::kNorm}};

constexpr Row kGpt2Outside[] = {{"embeddings.token", "wte", Kind::kEmbedding},
                                {"embeddings.position", "wpe", Kind::kEmbedding},
                                {"final_norm", "ln_f", Kind::kNorm}};
constexpr Row kGpt2Layer[] = {{"attention.norm", "ln_1", Kind::kNorm},
                              {"attention.qkv", "attn.c_attn", Kind::kLinear},
                              {"attention.output", "attn.c_proj", Kind::kLinear},
                              {"mlp.norm", "ln_2", Kind::kNorm},
                              {"mlp.up", "mlp.c_fc", Kind::kLinear},
                              {"mlp.down", "mlp.c_proj", Kind::kLinear}};

constexpr Row kLlamaOutside[] = {{"embeddings.token", "embed_tokens", Kind::kEmbedding},
                                 {"final_norm", "norm", Kind::kNorm}};
constexpr Row kLlamaLayer[] = {{"attention.norm", "input_layernorm", Kind::kNorm},
                               {"attention.query", "self_attn.q_proj", Kind::kLinear},
                               {"attention.key", "self_attn.k_proj", Kind::kLinear},
                               {"attention.value", "self_attn.v_proj", Kind::kLinear},
                               {"attention.output", "self_attn.o_proj", Kind::kLinear},
                               {"mlp.norm", "post_attention_layernorm", Kind::kNorm},
                               {"mlp.gate", "mlp.gate_proj", Kind::kLinear},
                               {"mlp.up", "mlp.up_proj", Kind::kLinear},
                               {"mlp.down", "mlp.down_proj", Kind::kLinear}};

FamilyNames names_of_family(const Architecture& a) {
  if (a.family == "gpt2") return {"transformer.", "h.", kGpt2Outside, kGpt2Layer};
  if (!a.rotary.empty()) return {"model.", "layers.", kLlamaOutside, kLlamaLayer};
  return {a.family == "bert" ? "bert." : "roberta.", "encoder.layer.", kBertOutside, kBertLayer};
}

bool has_bias(const Architecture& a, const Row& row) {
  const std::string name = row.ours;
  if (row.kind == Kind::kEmbedding) return false;
  if (row.kind == Kind::kNorm) return !a.rms_norm;
  if (name == "attention.output") return a.output_bias;
  return name.starts_with("attention.") ? a.attention_bias : a.mlp_bias;
}

/// The module and the suffix (".weight") of a tensor's name.
std::pair<std::string, std::string> split_tensor(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos ? std::pair{name, std::string()} : std::pair{name.substr(0, dot), name.substr(dot)};
}

std::string class_of(const std::string& family, HeadUse head) {
  if (head == HeadUse::kLanguage) {
    if (family == "gpt2") return "GPT2LMHeadModel";
    if (family == "mistral") return "MistralForCausalLM";
    return family == "qwen2" ? "Qwen2ForCausalLM" : "LlamaForCausalLM";
  }
  if (family == "bert") return "BertForSequenceClassification";
  if (family == "roberta") return "RobertaForSequenceClassification";
  if (family == "gpt2") return "GPT2ForSequenceClassification";
  if (family == "mistral") return "MistralForSequenceClassification";
  return family == "qwen2" ? "Qwen2ForSequenceClassification" : "LlamaForSequenceClassification";
}

}  // namespace

WeightNames::WeightNames(const Architecture& a)
    : head_module_(a.head == HeadUse::kLanguage ? ""
                   : a.causal                   ? "score"
                                                : "classifier"),
      model_class_(class_of(a.family, a.head)),
      tied_head_(a.head == HeadUse::kLanguage && a.tied_head) {
  const FamilyNames family = names_of_family(a);
  prefix_ = family.prefix;
  for (const Row& row : family.outside)
    modules_.push_back({row.ours, prefix_ + row.theirs, row.kind, has_bias(a, row), true, -1});
  const bool transposed = a.family == "gpt2";
  for (int64_t i = 0; i < a.num_layers; ++i) {
    for (const Row& row : family.layer) {
      modules_.push_back({cat("layers.", i, ".", row.ours), cat(prefix_, family.layer_prefix, i, ".", row.theirs),
                          row.kind, has_bias(a, row), true, i, transposed && row.kind == Kind::kLinear});
    }
  }
  for (int64_t i = 0; a.family == "gpt2" && i < a.num_layers; ++i) {
    const std::pair<const char*, const char*> parts[] = {{"query", "q"}, {"key", "k"}, {"value", "v"}};
    for (int64_t number = 0; number < 3; ++number) {
      const Module module{cat("layers.", i, ".attention.", parts[number].first),
                          cat(prefix_, family.layer_prefix, i, ".attn.", parts[number].second),
                          Kind::kLinear,
                          true,
                          true,
                          i,
                          true};
      slices_.push_back({module, cat("layers.", i, ".attention.qkv"), number, 3});
    }
  }
  if (a.head == HeadUse::kLanguage) {
    if (!a.tied_head) modules_.push_back({"lm_head", "lm_head", Kind::kLinear, false, true, -1});
  } else if (a.causal) {
    modules_.push_back({"head.score", "score", Kind::kLinear, false, false, -1});
  } else if (a.family == "bert") {
    modules_.push_back({"head.pooler", prefix_ + "pooler.dense", Kind::kLinear, true, true, -1});
    modules_.push_back({"head.classifier", "classifier", Kind::kLinear, true, false, -1});
  } else {
    modules_.push_back({"head.dense", "classifier.dense", Kind::kLinear, true, false, -1});
    modules_.push_back({"head.out_proj", "classifier.out_proj", Kind::kLinear, true, false, -1});
  }
}

const WeightNames::Module* WeightNames::find(const std::string& ours) const {
  const std::string module = split_tensor(ours).first;
  const auto found =
      std::find_if(modules_.begin(), modules_.end(), [&](const Module& known) { return known.ours == module; });
  return found == modules_.end() ? nullptr : &*found;
}

bool WeightNames::transposed() const {
  return std::any_of(modules_.begin(), modules_.end(), [](const Module& module) { return module.transposed; });
}

std::optional<std::string> WeightNames::theirs(const std::string& ours) const {
  const Module* module = find(ours);
  if (module == nullptr) return std::nullopt;
  return module->theirs + split_tensor(ours).second;
}

std::optional<std::string> WeightNames::ours(const std::string& theirs) const {
  const auto [module, suffix] = split_tensor(theirs);
  for (const Module& known : modules_) {
    if (known.theirs == module) return known.ours + suffix;
  }
  return std::nullopt;
}

}  // namespace hiddenkey
