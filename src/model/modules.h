#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nn/architecture.h"

namespace hiddenkey {

enum class ModuleKind { kEmbedding, kNorm, kLinear };

/// Where in a network a module lies. The order is that of a network's list of parameters.
enum class ModulePlace {
  kTokens,
  kPositions,
  kTypes,
  kEmbeddingNorm,
  kEmbeddingProjection,
  kQkv,
  kAttentionOutput,
  kUp,
  kDown,
  kAttentionNorm,
  kMlpNorm,
  kQueryNorm,
  kKeyNorm,
  kFinalNorm,
  kHeadDense,
  kHeadNorm,
  kHeadOutput,
  kLanguageHead,
};

/// Whether it belongs to a classification head.
bool is_in_head(ModulePlace place);

/// What the size of a module follows from.
enum class ModuleSize {
  kVocabulary,
  kPositions,
  kTypes,
  kEmbedding,
  kHidden,
  kQueries,
  kKeys,
  kQkv,
  kFeedForward,
  kGateUp,
  kHead,
  kTask
};

/// What says whether a module has a bias.
enum class BiasRule { kNone, kAlways, kNorm, kAttention, kAttentionOutput, kMlp, kHeadDense, kHeadOutput };

/// A module that a network can have, in our words, whatever a family calls it.
struct OwnModule {
  const char* name;  ///< attention.query, without its layer
  ModuleKind kind;
  ModulePlace place;  ///< modules of one place and layer stand in one matrix, below each other
  ModuleSize outputs, inputs;
  BiasRule bias;
};

/// kBug where no module has that name.
const OwnModule& own_module(const std::string& name);

bool has_bias(const OwnModule& module, const Architecture& architecture);

/// Of a tensor whose module ends in `.weight`, or of one dimension. `task_outputs` is what ModuleSize::kTask stands
/// for.
int64_t size_of(ModuleSize size, const Architecture& architecture, int64_t task_outputs);

}  // namespace hiddenkey
