#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/modules.h"

namespace hiddenkey {

struct ModuleName;

/// What a family calls its modules in Transformers, and what we call them; the table is its own inverse.
/// Tensor names are a module's name and ".weight" or ".bias" on both sides.
class WeightNames {
 public:
  using Kind = ModuleKind;
  struct Module {
    std::string ours;    ///< layers.0.attention.query
    std::string theirs;  ///< bert.encoder.layer.0.attention.self.query
    Kind kind;
    bool bias;
    bool in_base;                    ///< part of the pretrained model, not of the task head
    int64_t layer;                   ///< -1 outside the layers
    bool transposed = false;         ///< the checkpoint holds [inputs, outputs] (GPT-2)
    const OwnModule* own = nullptr;  ///< where it lies in the network, and its shape
  };

  /// A part of a fused module that can carry an adapter of its own: GPT-2's query, key and value.
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
  /// The modules of the classification head that a task trains and saves ("classifier", "score"), by the ends of their
  /// names; none for a language model, whose head is a part of the pretrained one.
  std::span<const char* const> head_modules() const;
  /// The layer of a classification head whose outputs are the task's; null for a language model.
  const Module* output_module() const;
  /// Whether other modules stand in one matrix with this one, as query, key and value do.
  bool shares_matrix(const Module& module) const;
  /// Whether the table of token embeddings is a language model's head as well.
  bool has_tied_head() const { return use_ == HeadUse::kLanguage && tied_head_; }
  /// Whether the checkpoint holds linear weights as [inputs, outputs] (GPT-2).
  bool transposed() const;
  const Family& family() const { return *family_; }
  /// Transformers' class of the model as it is used.
  std::string model_class() const;
  /// PEFT's word for that use.
  const char* task_type() const;

 private:
  void add(const Architecture& architecture, const ModuleName& name, const std::string& theirs, int64_t layer,
           bool in_base);
  void add_head(const Architecture& architecture);
  void add_slices(const Architecture& architecture);

  const Family* family_;
  HeadUse use_;
  bool tied_head_;
  std::string prefix_;
  std::vector<Module> modules_;
  std::vector<Slice> slices_;
};

}  // namespace hiddenkey
