#pragma once

#include <ATen/ATen.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "model/families/families.h"
#include "model/parameters.h"

// Networks of a few thousand random weights.

namespace hiddenkey {

inline Architecture tiny(const std::string& family, HeadUse head = HeadUse::kClassify) {
  Architecture a;
  a.family = find_family(family);
  a.head = head;
  a.vocab_size = 30;
  a.hidden_size = 16;
  a.num_layers = 3;
  a.num_heads = a.num_kv_heads = 2;
  a.head_size = 8;
  a.intermediate_size = 24;
  a.max_positions = 32;
  a.type_vocab_size = 2;
  a.causal = a.norm_first = family == "gpt2" || family == "llama" || family == "qwen3";
  if (a.causal) a.pooling = Pooling::kLast;
  if (family == "llama" || family == "qwen3") {
    a.num_kv_heads = 1;
    a.norm = NormKind::kRms;
    a.gated_mlp = true;
    a.attention_bias = a.output_bias = a.mlp_bias = false;
    a.activation = Activation::kSilu;
    a.rotary = {{1, 0.1, 0.01, 0.001}};
  }
  if (family == "modernbert") {
    a.norm = NormKind::kPlainLayer;
    a.norm_first = a.gated_mlp = true;
    a.attention_bias = a.output_bias = a.mlp_bias = a.head_bias = false;
    a.rotary = {{1, 0.1, 0.01, 0.001}, {1, 0.3, 0.09, 0.027}};
    a.layers = {{0, 0, false}, {3, 1, true}, {3, 1, true}};
  }
  if (family == "electra") a.embedding_size = 12;
  return a;
}

inline std::vector<std::string> targets(const std::string& family) {
  const auto usual = find_family(family)->lora_targets;
  return {usual.begin(), usual.end()};
}

inline std::unordered_map<std::string, at::Tensor> weights(const Architecture& a, at::Device device,
                                                           at::ScalarType type) {
  at::manual_seed(1);
  std::unordered_map<std::string, at::Tensor> result;
  const WeightNames names(a);
  for (const WeightNames::Module& module : names.modules()) {
    // As a checkpoint is read.
    const at::ScalarType own = type == at::kBFloat16 && module.ours.starts_with("head.") ? at::kFloat : type;
    for (const std::string suffix : {".weight", ".bias"}) {
      if (suffix == ".bias" && !module.bias) continue;
      const std::string name = module.ours + suffix;
      result[name] = (at::randn(expected_shape(a, name, 3), own) * 0.3).to(device);
    }
  }
  return result;
}

}  // namespace hiddenkey
