#pragma once

#include <span>
#include <string>

#include "model/config_fields.h"
#include "nn/architecture.h"

namespace hiddenkey {

/// The learning rates that people finetune a family with, for hints.
struct UsualRates {
  double lora_low, lora_high;
  double full_low, full_high;
};

/// A module in our words (model/modules.h), and as Transformers has it.
struct ModuleName {
  const char* ours = nullptr;
  const char* theirs = nullptr;
};

/// Equal parts of a fused module that can carry an adapter each.
struct FusedModule {
  const char* whole;  ///< ours
  std::span<const ModuleName> parts;
};

/// The classification head. A layer that a family's head lacks has no name.
struct FamilyHead {
  ModuleName dense = {};
  ModuleName norm = {};  ///< behind the dense layer's activation
  ModuleName output = {};
  bool output_bias = true;
  bool is_pretrained = false;      ///< the dense layer and its norm are a part of the checkpoint, as BERT's pooler is
  bool drops_input = false;        ///< it has a dropout of its own before the dense layer too
  const char* pretrained_as = "";  ///< what modules_to_save calls that part where a run has to train it
  std::span<const char* const> trained;  ///< the modules that a task trains and saves, by the ends of their names
};

/// Transformers' classes of a family by the use of the model; null where it has none.
struct ModelClasses {
  const char* classify = nullptr;
  const char* tokens = nullptr;
  const char* language = nullptr;

  const char* of(HeadUse use) const {
    return use == HeadUse::kLanguage ? language : use == HeadUse::kTokens ? tokens : classify;
  }
};

/// All that is known of a family of pretrained models.
struct Family {
  const char* name;          ///< model_type in config.json
  const char* class_prefix;  ///< how the names of its classes in Transformers begin
  /// Makes the architecture of the fields. ModelError where one is malformed, or has a value that changes the function
  /// and is not supported.
  Architecture (*read)(const ConfigFields& fields, const Family& family);

  const char* prefix;                   ///< of the base in a classifier's checkpoint: "bert."
  const char* layer_prefix;             ///< of a layer behind it, before the layer's number: "encoder.layer."
  std::span<const ModuleName> outside;  ///< the base's modules outside of the layers, without the prefix
  std::span<const ModuleName> layer;    ///< those of each layer
  std::span<const FusedModule> fused = {};
  bool transposed = false;  ///< the checkpoint holds linear weights as [inputs, outputs]
  FamilyHead head;          ///< of a classifier of sequences
  FamilyHead token_head;    ///< of one of tokens
  ModelClasses classes;
  /// How weights begin that belong to heads of other tasks, beside those that every family has.
  std::span<const char* const> other_heads = {};

  std::span<const char* const> lora_targets;  ///< what PEFT adapts where nobody says it
  UsualRates rates;

  const char* tokenizer = "";        ///< the class that Transformers takes where no file names one
  bool type_ids_are_tokens = false;  ///< type ids would be added to a text as tokens, which is not supported
  bool keeps_padding_row = true;     ///< the embedding of the padding token gets no gradient

  const FamilyHead& head_of(HeadUse use) const { return use == HeadUse::kTokens ? token_head : head; }
};

/// Most families tag tokens with one linear layer behind a dropout.
inline constexpr const char* kClassifierAlone[] = {"classifier"};
inline constexpr FamilyHead kTokenClassifier = {
    .output = {"head.classifier", "classifier"}, .drops_input = true, .trained = kClassifierAlone};

// The rates leave some room on both sides of what the papers use: 2e-4 to 5e-4 with LoRA (Hu et al., 2021), 1e-5 to
// 5e-5 for whole encoders.
inline constexpr UsualRates kEncoderRates = {1e-4, 1e-3, 5e-6, 1e-4};
inline constexpr UsualRates kDecoderRates = {5e-5, 1e-3, 1e-6, 1e-4};

}  // namespace hiddenkey
