#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapter/lora_config.h"

namespace hiddenkey {

/// What PEFT's adapter_config.json says that decides what the adapter computes. Every field of that file is on one list
/// (peft_config.cpp): it is kept here, or refused by name, or known to change nothing.
struct PeftConfig {
  /// What the initialisation took out of the base's weights; the adapter holds it instead.
  enum class Residual { kNone, kPissa, kOlora };
  /// Which of the base's biases were trained and stand in the adapter's file.
  enum class Bias { kNone, kLoraOnly, kAll };
  /// Rows of an embedding that the file replaces; the layer is the input embedding where its name is empty.
  struct TokenRows {
    std::string layer;
    std::vector<int64_t> ids;
  };

  LoraConfig lora;   ///< its modules_to_save is PEFT's whole list, with the head
  std::string base;  ///< base_model_name_or_path
  Residual residual = Residual::kNone;
  Bias bias = Bias::kNone;
  bool lora_bias = false;
  bool ensure_weight_tying = false;
  std::vector<std::string> exclude_modules;
  std::optional<std::string> exclude_regex;  ///< given instead of the list where the file holds a string
  std::vector<std::string> layers_pattern;   ///< what the list of layers is called; empty: any
  std::vector<TokenRows> token_rows;
};

/// ModelError where the file is malformed, is no LoRA, or asks for something that is not supported (named). One warning
/// names the fields that are on no list.
PeftConfig read_peft_config(const std::filesystem::path& path);

}  // namespace hiddenkey
