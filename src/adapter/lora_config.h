#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hiddenkey {

/// The settings of LoRA, under PEFT's names.
struct LoraConfig {
  int64_t r = 8;
  double alpha = 16;
  std::vector<std::string>
      target_modules;  ///< names or suffixes; PEFT's matching rules; empty: the family's usual ones
  std::optional<std::string> target_regex;  ///< given instead of the list when the key holds a string
  double dropout = 0.0;                     ///< of the adapter's own input
  bool use_rslora = false;
  std::vector<std::string> modules_to_save;  ///< beside the task head, which is always trained and saved

  double scaling() const;  ///< alpha / r, or alpha / sqrt(r) with use_rslora
};

}  // namespace hiddenkey
