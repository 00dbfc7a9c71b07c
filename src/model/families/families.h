#pragma once

#include <string>
#include <vector>

#include "model/config_fields.h"
#include "nn/architecture.h"

namespace hiddenkey {

/// The learning rates that people finetune a family with, for hints.
struct UsualRates {
  double lora_low, lora_high;
  double full_low, full_high;
};

/// A family of pretrained models: how its config.json is read, and what is usual for it.
struct Family {
  const char* name;  ///< model_type in config.json
  /// Makes the architecture of the fields. ModelError where one is malformed, or has a value that changes the function
  /// and is not supported.
  Architecture (*read)(const ConfigFields& fields, const std::string& name);
  std::vector<std::string> lora_targets;  ///< what PEFT adapts where nobody says it
  UsualRates rates;
};

const std::vector<Family>& families();

/// Null where there is no such family.
const Family* find_family(const std::string& name);

/// BERT and RoBERTa.
Architecture read_encoder_config(const ConfigFields& fields, const std::string& family);
Architecture read_gpt2_config(const ConfigFields& fields, const std::string& family = "gpt2");
/// LLaMA, Mistral and Qwen2.
Architecture read_llama_config(const ConfigFields& fields, const std::string& family);

}  // namespace hiddenkey
