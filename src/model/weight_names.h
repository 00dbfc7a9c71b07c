#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nn/architecture.h"

namespace hiddenkey {

/// What a family calls its modules in Transformers, and what we call them; the table is its own inverse.
/// Tensor names are a module's name and ".weight" or ".bias" on both sides.
class WeightNames {
 public:
  enum class Kind { kEmbedding, kNorm, kLinear };
  struct Module {
    std::string ours;    ///< layers.0.attention.query
    std::string theirs;  ///< bert.encoder.layer.0.attention.self.query
    Kind kind;
    bool bias;
    bool in_base;             ///< part of the pretrained model, not of the task head
    int64_t layer;            ///< -1 outside the layers
    bool transposed = false;  ///< the checkpoint holds [inputs, outputs] (GPT-2)
  };

  /// A part of a fused module that can carry an adapter of its own: GPT-2's query, key and value, as loralib adapts
  /// them. Transformers and PEFT have no such modules; the names are c_attn's with q, k or v instead.
  struct Slice {
    Module module;      ///< layers.0.attention.query, transformer.h.0.attn.q
    std::string whole;  ///< ours of the module that it is a part of
    int64_t number;     ///< its place in it, from 0
    int64_t count;      ///< of equal parts
  };

  explicit WeightNames(const Architecture& architecture);

  const std::vector<Module>& modules() const { return modules_; }
  const std::vector<Slice>& slices() const { return slices_; }
  /// "bert.", "model.": a checkpoint of the bare model lacks it.
  const std::string& prefix() const { return prefix_; }
  /// Of a tensor; nothing where the family has no such module.
  std::optional<std::string> theirs(const std::string& ours) const;
  std::optional<std::string> ours(const std::string& theirs) const;
  /// Of a tensor's name on our side; null where the family has no such module.
  const Module* find(const std::string& ours) const;
  /// The module of the classification head that a task trains and saves ("classifier", "score"); "" for a language
  /// model, whose head is a part of the pretrained one.
  const std::string& head_module() const { return head_module_; }
  /// Whether the table of token embeddings is a language model's head as well.
  bool has_tied_head() const { return tied_head_; }
  /// Whether the checkpoint holds linear weights as [inputs, outputs] (GPT-2).
  bool transposed() const;
  /// Transformers' class of a sequence classifier or language model of this family.
  const std::string& model_class() const { return model_class_; }

 private:
  std::string prefix_;
  std::string head_module_;
  std::string model_class_;
  bool tied_head_;
  std::vector<Module> modules_;
  std::vector<Slice> slices_;
};

}  // namespace hiddenkey
