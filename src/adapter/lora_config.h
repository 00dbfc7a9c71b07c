#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hiddenkey {

/// Names, or regular expressions, of modules with what each stands for, in their order.
template <class T>
using ModulePatterns = std::vector<std::pair<std::string, T>>;

/// The settings of LoRA, under PEFT's names.
struct LoraConfig {
  int64_t r = 8;
  double alpha = 16;
  std::vector<std::string>
      target_modules;  ///< names or suffixes; PEFT's matching rules; empty: the family's usual ones
  std::optional<std::string> target_regex;   ///< given instead of the list when the key holds a string
  std::vector<int64_t> layers_to_transform;  ///< the layers whose modules are targets; empty: all
  ModulePatterns<int64_t> rank_pattern;      ///< ranks of single modules: the first that matches counts
  ModulePatterns<double> alpha_pattern;      ///< likewise
  double dropout = 0.0;                      ///< of the adapter's own input
  bool use_rslora = false;
  bool use_dora = false;                     ///< weights keep their directions and get magnitudes of their own
  std::vector<std::string> modules_to_save;  ///< beside the task head, which is always trained and saved

  double scaling() const;  ///< alpha / r, or alpha / sqrt(r) with use_rslora
};

}  // namespace hiddenkey
