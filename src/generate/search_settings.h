#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "generate/options.h"

namespace hiddenkey {

/// What one place says about a search, a run's config or the command line. What it leaves open is as the places below
/// it say: the model's generation_config.json, then the defaults of GenerationOptions.
struct SearchSettings {
  std::optional<int64_t> max_new_tokens, min_new_tokens, num_beams;
  std::optional<double> length_penalty;
  std::optional<bool> early_stopping;
  std::optional<int64_t> no_repeat_ngram_size;
  std::optional<double> repetition_penalty;
  std::optional<bool> do_sample;
  std::optional<double> temperature;
  std::optional<int64_t> top_k;
  std::optional<double> top_p;
  std::optional<int64_t> seed;
  std::optional<std::vector<std::string>> stop;
  std::optional<int64_t> num_return_sequences;
};

/// Puts the settings on top of the options. Beams and sampling exclude each other, and the one that is asked for last
/// wins. ConfigError names a setting that has no effect: one that shapes sampling where nothing is sampled, or beams
/// where none are searched.
void apply_settings(const SearchSettings& settings, GenerationOptions& options);

/// The names, as generation_config.json has them, of what the settings decide.
std::vector<std::string> decided_by(const SearchSettings& settings);

}  // namespace hiddenkey
