#include "model/modules.h"

#include <algorithm>
#include <iterator>

#include "core/error.h"
#include "core/text.h"
#include "model/families/family.h"

namespace hiddenkey {
namespace {

using Kind = ModuleKind;
using Bias = BiasRule;
using Place = ModulePlace;
using Size = ModuleSize;

constexpr OwnModule kModules[] = {
    {"embeddings.token", Kind::kEmbedding, Place::kTokens, Size::kVocabulary, Size::kEmbedding, Bias::kNone},
    {"embeddings.position", Kind::kEmbedding, Place::kPositions, Size::kPositions, Size::kEmbedding, Bias::kNone},
    {"embeddings.type", Kind::kEmbedding, Place::kTypes, Size::kTypes, Size::kEmbedding, Bias::kNone},
    {"embeddings.norm", Kind::kNorm, Place::kEmbeddingNorm, Size::kEmbedding, Size::kEmbedding, Bias::kNorm},
    {"embeddings.project", Kind::kLinear, Place::kEmbeddingProjection, Size::kHidden, Size::kEmbedding, Bias::kAlways},
    {"attention.query", Kind::kLinear, Place::kQkv, Size::kQueries, Size::kHidden, Bias::kAttention},
    {"attention.key", Kind::kLinear, Place::kQkv, Size::kKeys, Size::kHidden, Bias::kAttention},
    {"attention.value", Kind::kLinear, Place::kQkv, Size::kKeys, Size::kHidden, Bias::kAttention},
    {"attention.qkv", Kind::kLinear, Place::kQkv, Size::kQkv, Size::kHidden, Bias::kAttention},
    {"attention.output", Kind::kLinear, Place::kAttentionOutput, Size::kHidden, Size::kQueries, Bias::kAttentionOutput},
    {"attention.norm", Kind::kNorm, Place::kAttentionNorm, Size::kHidden, Size::kHidden, Bias::kNorm},
    {"attention.query_norm", Kind::kNorm, Place::kQueryNorm, Size::kHead, Size::kHead, Bias::kNorm},
    {"attention.key_norm", Kind::kNorm, Place::kKeyNorm, Size::kHead, Size::kHead, Bias::kNorm},
    {"mlp.gate", Kind::kLinear, Place::kUp, Size::kFeedForward, Size::kHidden, Bias::kMlp},
    {"mlp.up", Kind::kLinear, Place::kUp, Size::kFeedForward, Size::kHidden, Bias::kMlp},
    {"mlp.gate_up", Kind::kLinear, Place::kUp, Size::kGateUp, Size::kHidden, Bias::kMlp},
    {"mlp.down", Kind::kLinear, Place::kDown, Size::kHidden, Size::kFeedForward, Bias::kMlp},
    {"mlp.norm", Kind::kNorm, Place::kMlpNorm, Size::kHidden, Size::kHidden, Bias::kNorm},
    {"final_norm", Kind::kNorm, Place::kFinalNorm, Size::kHidden, Size::kHidden, Bias::kNorm},
    {"head.pooler", Kind::kLinear, Place::kHeadDense, Size::kHidden, Size::kHidden, Bias::kHeadDense},
    {"head.dense", Kind::kLinear, Place::kHeadDense, Size::kHidden, Size::kHidden, Bias::kHeadDense},
    {"head.norm", Kind::kNorm, Place::kHeadNorm, Size::kHidden, Size::kHidden, Bias::kNorm},
    {"head.classifier", Kind::kLinear, Place::kHeadOutput, Size::kTask, Size::kHidden, Bias::kHeadOutput},
    {"head.out_proj", Kind::kLinear, Place::kHeadOutput, Size::kTask, Size::kHidden, Bias::kHeadOutput},
    {"head.score", Kind::kLinear, Place::kHeadOutput, Size::kTask, Size::kHidden, Bias::kHeadOutput},
    {"lm_head", Kind::kLinear, Place::kLanguageHead, Size::kVocabulary, Size::kHidden, Bias::kNone},
};

}  // namespace

bool is_in_head(ModulePlace place) { return place >= ModulePlace::kHeadDense && place <= ModulePlace::kHeadOutput; }

const OwnModule& own_module(const std::string& name) {
  const auto found = std::find_if(std::begin(kModules), std::end(kModules),
                                  [&](const OwnModule& module) { return name == module.name; });
  if (found == std::end(kModules)) throw Error(ErrorKind::kBug, cat("no module is called ", name));
  return *found;
}

bool has_bias(const OwnModule& module, const Architecture& a) {
  switch (module.bias) {
    case Bias::kNone:
      return false;
    case Bias::kAlways:
      return true;
    case Bias::kNorm:
      return a.norm == NormKind::kLayer;
    case Bias::kAttention:
      return a.attention_bias;
    case Bias::kAttentionOutput:
      return a.output_bias;
    case Bias::kMlp:
      return a.mlp_bias;
    case Bias::kHeadDense:
      return a.head_bias;
    case Bias::kHeadOutput:
      return a.family->head_of(a.head).output_bias;
  }
  return false;
}

int64_t size_of(ModuleSize size, const Architecture& a, int64_t task_outputs) {
  switch (size) {
    case ModuleSize::kVocabulary:
      return a.vocab_size;
    case ModuleSize::kPositions:
      return a.max_positions + a.position_offset;
    case ModuleSize::kTypes:
      return a.type_vocab_size;
    case ModuleSize::kEmbedding:
      return a.embedding_width();
    case ModuleSize::kHidden:
      return a.hidden_size;
    case ModuleSize::kQueries:
      return a.num_heads * a.head_size;
    case ModuleSize::kKeys:
      return a.num_kv_heads * a.head_size;
    case ModuleSize::kQkv:
      return (a.num_heads + 2 * a.num_kv_heads) * a.head_size;
    case ModuleSize::kFeedForward:
      return a.intermediate_size;
    case ModuleSize::kGateUp:
      return 2 * a.intermediate_size;
    case ModuleSize::kHead:
      return a.head_size;
    case ModuleSize::kTask:
      return task_outputs;
  }
  return 0;
}

}  // namespace hiddenkey
