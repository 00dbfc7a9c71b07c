#include "model/weight_names.h"

#include "core/text.h"

namespace hiddenkey {
namespace {

using Kind = WeightNames::Kind;

struct Row {
  const char* ours;
  const char* theirs;
  Kind kind;
};

constexpr Row kEmbeddings[] = {{"embeddings.token", "embeddings.word_embeddings", Kind::kEmbedding},
                               {"embeddings.position", "embeddings.position_embeddings", Kind::kEmbedding},
                               {"embeddings.type", "embeddings.token_type_embeddings", Kind::kEmbedding},
                               {"embeddings.norm", "embeddings.LayerNorm", Kind::kNorm}};

constexpr Row kLayer[] = {{"attention.query", "attention.self.query", Kind::kLinear},
                          {"attention.key", "attention.self.key", Kind::kLinear},
                          {"attention.value", "attention.self.value", Kind::kLinear},
                          {"attention.output", "attention.output.dense", Kind::kLinear},
                          {"attention.norm", "attention.output.LayerNorm", Kind::kNorm},
                          {"mlp.up", "intermediate.dense", Kind::kLinear},
                          {"mlp.down", "output.dense", Kind::kLinear},
                          {"mlp.norm", "output.LayerNorm", Kind::kNorm}};

/// The module and the suffix (".weight") of a tensor's name.
std::pair<std::string, std::string> split_tensor(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos ? std::pair{name, std::string()} : std::pair{name.substr(0, dot), name.substr(dot)};
}

}  // namespace

WeightNames::WeightNames(const Architecture& architecture) : prefix_(architecture.family + ".") {
  for (const Row& row : kEmbeddings) modules_.push_back({row.ours, prefix_ + row.theirs, row.kind, true, -1});
  for (int64_t i = 0; i < architecture.num_layers; ++i) {
    for (const Row& row : kLayer) {
      modules_.push_back(
          {cat("layers.", i, ".", row.ours), cat(prefix_, "encoder.layer.", i, ".", row.theirs), row.kind, true, i});
    }
  }
  if (architecture.family == "bert") {
    modules_.push_back({"head.pooler", prefix_ + "pooler.dense", Kind::kLinear, true, -1});
    modules_.push_back({"head.classifier", "classifier", Kind::kLinear, false, -1});
  } else {
    modules_.push_back({"head.dense", "classifier.dense", Kind::kLinear, false, -1});
    modules_.push_back({"head.out_proj", "classifier.out_proj", Kind::kLinear, false, -1});
  }
}

std::optional<std::string> WeightNames::theirs(const std::string& ours) const {
  const auto [module, suffix] = split_tensor(ours);
  for (const Module& known : modules_) {
    if (known.ours == module) return known.theirs + suffix;
  }
  return std::nullopt;
}

std::optional<std::string> WeightNames::ours(const std::string& theirs) const {
  const auto [module, suffix] = split_tensor(theirs);
  for (const Module& known : modules_) {
    if (known.theirs == module) return known.ours + suffix;
  }
  return std::nullopt;
}

}  // namespace hiddenkey
