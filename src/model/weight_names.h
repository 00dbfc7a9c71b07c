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

  explicit WeightNames(const Architecture& architecture);

  const std::vector<Module>& modules() const { return modules_; }
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
  /// Whether the checkpoint holds linear weights as [inputs, outputs] (GPT-2).
  bool transposed() const;
  /// Transformers' class of a sequence classifier or language model of this family.
  const std::string& model_class() const { return model_class_; }

 private:
  std::string prefix_;
  std::string head_module_;
  std::string model_class_;
  std::vector<Module> modules_;
};

}  // namespace hiddenkey
