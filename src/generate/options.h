#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hiddenkey {

/// How a token is drawn; the filters work in this order, as in Transformers.
struct SamplingOptions {
  double temperature = 1;  ///< > 0; divides the logits
  int64_t top_k = 0;       ///< only the k likeliest tokens; 0: all
  double top_p = 1;        ///< only the likeliest tokens that together have this probability; in (0, 1]
  uint64_t seed = 42;
};

/// The names are those of Transformers' GenerationConfig.
struct GenerationOptions {
  int64_t max_new_tokens = 128;
  int64_t num_beams = 1;             ///< 1: no beam search
  double length_penalty = 1;         ///< beams are ranked by log-probability / length^this
  int64_t no_repeat_ngram_size = 0;  ///< 0: off; counts the prompt's tokens too
  bool early_stopping = false;       ///< end once there are num_beams finished beams, however good the open ones are
  std::optional<SamplingOptions> sampling;  ///< nothing: the likeliest token, or beam search
  std::vector<std::string> stop;            ///< a text that contains one of these ends, and is cut before it
  int64_t num_return_sequences = 1;
};

/// ConfigError names the option that is out of its range or excluded by another.
void check_options(const GenerationOptions& options, int64_t vocab_size);

}  // namespace hiddenkey
