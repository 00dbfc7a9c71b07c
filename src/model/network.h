#pragma once

#include <ATen/ATen.h>

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dropout/draw.h"
#include "nn/architecture.h"
#include "nn/block.h"

/// B sequences, N packed rows, P of them that the head reads, D model, C classes or 1 score.
namespace hiddenkey {

/// A packed batch on the device.
struct DeviceBatch {
  at::Tensor ids_N;       ///< int64
  at::Tensor type_ids_N;  ///< int64
  at::Tensor labels_P;    ///< what the task compares each picked row with: int64 classes or tokens, float32 scores;
                          ///< undefined where the split has none
  PackedLayout layout;
};

/// The family's own classification head on each sequence's first token, or on its last where the model is causal; or
/// the language model's on every row that is asked for.
struct Head {
  enum class Kind {
    kPooled,    ///< BERT: tanh(pooler), classifier; the pooler is a part of the checkpoint
    kDense,     ///< RoBERTa: tanh(dense), out_proj
    kScore,     ///< decoders: score alone
    kLanguage,  ///< language models: lm_head, or the table of token embeddings; a part of the checkpoint
  };
  Kind kind = Kind::kPooled;
  Linear dense;       ///< pooler or dense; no weight for the others
  Linear classifier;  ///< classifier, out_proj, score or lm_head

  /// What enters the last layer of kDense, kScore and kLanguage: picked_PD with the output site's units dropped.
  at::Tensor enter(const at::Tensor& picked_PD, const DropoutScope& scope) const;
  /// [P,D] -> [P,C] float32; [P,V] of a language model in its own type.
  at::Tensor forward(const at::Tensor& picked_PD, const DropoutScope& scope) const;
};

class DecoderCache;

/// How far a forward came before anything was dropped: two passes share it.
struct Prefix {
  int64_t layer = 0;                   ///< the block to go on with
  bool embeddings = false;             ///< x is the embedding output, to which dropout has yet to be applied
  at::Tensor x_ND;                     ///< input of that block
  std::optional<Projected> projected;  ///< what that block makes of it, where that has no dropout either

  /// The same rows for each of two stacked passes.
  Prefix twice() const;
};

/// Named so that a weight table and an optimizer can find it.
struct NamedTensor {
  std::string name;  ///< ours, such as layers.0.attention.query.weight
  at::Tensor tensor;
};

/// Where a linear layer stands: outputs offset .. offset + outputs - 1 of a matrix.
struct LinearPart {
  Linear* linear = nullptr;
  int64_t offset = 0;
  int64_t outputs = 0;
};

/// A pretrained transformer with a head.
class Network {
 public:
  /// `weights` by our names (model/weight_names.h), float32 or the base's type. While it is made, no more is held than
  /// the weights and the parts of one matrix, where the caller keeps none of them.
  Network(const Architecture& architecture, std::unordered_map<std::string, at::Tensor> weights);

  const Architecture& architecture() const { return architecture_; }

  /// Everything before the first active dropout site of `plan`; up to the last block where there is none (or no plan).
  /// With `checkpointing` a block's activations are computed again in the backward pass instead of kept.
  Prefix prefix(const DeviceBatch& batch, const DropoutPlan* plan, bool checkpointing = false) const;

  /// From there to what the head reads: the representations [P,D] of the layout's picked rows, behind the final norm
  /// where the model has one. Where `scope` stacks two passes, `prefix` and `layout` hold the sequences twice.
  at::Tensor finish(const Prefix& prefix, const DropoutScope& scope, const PackedLayout& layout,
                    bool checkpointing) const;

  /// With dropout off, what the head reads [P,D], and the head's logits of it.
  at::Tensor representations(const DeviceBatch& batch) const;
  at::Tensor evaluate(const DeviceBatch& batch) const { return head.forward(representations(batch), DropoutScope()); }

  /// Reads the prompts of a causal model into an empty `cache`. What the language head reads to find each prompt's next
  /// token: [B,D], behind the final norm. No gradient is recorded here and in decode_step.
  at::Tensor prefill(const DeviceBatch& prompts, DecoderCache& cache) const;
  /// One more token for each of the cache's R rows, ids_R int64 -> [R,D] likewise.
  at::Tensor decode_step(const at::Tensor& ids_R, DecoderCache& cache) const;

  Head head;
  std::vector<Block> blocks;

  /// Gives a language model's head that is the table of token embeddings a matrix of its own, equal to it.
  void untie_head();

  /// Every tensor of the model under our names; layers that stand in one matrix are views of it.
  std::vector<NamedTensor> tensors() const;
  /// The same storage without views: what full finetuning trains.
  std::vector<NamedTensor> leaves() const;
  /// A leaf's matrix (or its gradient) as the modules that stand in it; itself where it is one.
  std::vector<NamedTensor> parts(const NamedTensor& leaf) const;
  /// The linear layer that holds `module` (layers.0.attention.query); null where there is none.
  LinearPart find_linear(const std::string& module);

 private:
  at::Tensor embed(const DeviceBatch& batch) const;
  at::Tensor table_positions(const DeviceBatch& batch) const;
  int64_t position_padding() const;
  std::optional<Rotation> rotation(const PackedLayout& layout) const;

  Architecture architecture_;
  at::Tensor token_VD_, position_TD_, type_YD_;
  at::Tensor frequency_K_;  ///< of rotary positions; undefined where they have a table
  std::optional<Norm> embedding_norm_, final_norm_;
};

}  // namespace hiddenkey
