#pragma once

#include <ATen/ATen.h>

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dropout/draw.h"
#include "model/parameters.h"
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

/// The family's own classification head on what it reads of each sequence, or the language model's on every row that is
/// asked for.
struct Head {
  Linear dense;                               ///< no weight: none
  Activation activation = Activation::kTanh;  ///< behind it
  std::optional<Norm> norm;                   ///< behind that
  Linear classifier;                          ///< lm_head, or the table of token embeddings, of a language model
  bool keeps_type = false;                    ///< it computes in the type of the base, as a language model's does
  bool is_pretrained = false;                 ///< the dense layer belongs to the base: the output site stands behind it
  bool drops_input = false;                   ///< the checkpoint's own dropout stands before the dense layer too

  /// What enters the last layer of a head without a dense one: picked_PD with the output site's units dropped.
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

using Weights = std::unordered_map<std::string, at::Tensor>;

/// A pretrained transformer with a head.
class Network {
 public:
  /// `weights` by our names (model/weight_names.h), float32 or the base's type. While it is made, no more is held than
  /// the weights and the parts of one matrix, where the caller keeps none of them.
  Network(const Architecture& architecture, Weights weights);

  const Architecture& architecture() const { return architecture_; }

  /// Everything before the first active dropout site of `plan`; up to the last block where there is none (or no plan).
  /// With `checkpointing` a block's activations are computed again in the backward pass instead of kept.
  Prefix prefix(const DeviceBatch& batch, const DropoutPlan* plan, bool checkpointing = false) const;

  /// From there to what the head reads: the representations [P,D] of the layout's picked rows, or the mean of each
  /// sequence, behind the final norm where the model has one. Where `scope` stacks two passes, `prefix` and `layout`
  /// hold the sequences twice.
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
  /// All linear layers, each matrix once.
  std::vector<Linear*> linears();

 private:
  // What lies where a slot says; `self` is the network, const or not (model/parameters.cpp).
  template <class Self>
  static auto& linear_of(Self& self, const Slot& slot);
  template <class Self>
  static auto& norm_of(Self& self, const Slot& slot);
  template <class Self>
  static auto& table_of(Self& self, const Slot& slot);
  void place(const Slot& slot, Weights& weights);
  std::pair<at::Tensor, at::Tensor> tensors_of(const Slot& slot) const;  ///< the weight and the bias

  /// Which rows a block computes: the last one those alone that the head reads, where it can.
  Rows rows_of_layer(int64_t layer) const;
  at::Tensor embed(const DeviceBatch& batch) const;
  at::Tensor project(const at::Tensor& embedded_NE, const DropoutScope& scope) const;
  at::Tensor read_by_head(const at::Tensor& x_ND, const PackedLayout& layout) const;
  at::Tensor table_positions(const DeviceBatch& batch) const;
  int64_t position_padding() const;
  std::vector<Rotation> rotations(const PackedLayout& layout) const;
  const Rotation* rotation_of(int64_t layer, const std::vector<Rotation>& rotations) const;

  Architecture architecture_;
  std::vector<Slot> slots_;
  at::Tensor token_VD_, position_TD_, type_YD_;
  std::vector<at::Tensor> frequency_K_;  ///< of rotary positions; none where they have a table
  std::optional<Norm> embedding_norm_, final_norm_;
  Linear projection_;  ///< of the embeddings to the hidden size; no weight: they have it
};

}  // namespace hiddenkey
