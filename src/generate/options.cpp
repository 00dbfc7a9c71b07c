#include "generate/options.h"

#include <cmath>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

void require(bool holds, const std::string& message) {
  if (!holds) throw ConfigError(message);
}

void check_sampling(const SamplingOptions& sampling) {
  require(std::isfinite(sampling.temperature) && sampling.temperature > 0,
          cat("temperature: ", format_number(sampling.temperature),
              " is no finite number above 0 (0 is the likeliest token, without sampling)"));
  require(sampling.top_k >= 0, cat("top_k: ", sampling.top_k, " is negative; 0 keeps all tokens"));
  require(sampling.top_p > 0 && sampling.top_p <= 1,
          cat("top_p: ", format_number(sampling.top_p), " is not in (0, 1]"));
}

}  // namespace

void check_options(const GenerationOptions& options, int64_t vocab_size) {
  require(options.max_new_tokens > 0, cat("max_new_tokens: ", options.max_new_tokens, " is not above 0"));
  require(options.num_beams > 0, cat("num_beams: ", options.num_beams, " is not above 0"));
  require(options.num_beams <= vocab_size,
          cat("num_beams: ", options.num_beams, " are more than the ", vocab_size, " tokens of the vocabulary"));
  require(std::isfinite(options.length_penalty), "length_penalty: is not a finite number");
  require(options.no_repeat_ngram_size >= 0,
          cat("no_repeat_ngram_size: ", options.no_repeat_ngram_size, " is negative; 0 turns it off"));
  require(options.num_beams > 1 || !options.early_stopping, "early_stopping: is of beam search; num_beams is 1");
  require(options.num_return_sequences > 0,
          cat("num_return_sequences: ", options.num_return_sequences, " is not above 0"));
  for (const std::string& stop : options.stop) require(!stop.empty(), "stop: an empty text ends everything");
  if (options.sampling) {
    check_sampling(*options.sampling);
    require(options.num_beams == 1, "num_beams: beams are searched, not sampled; leave the sampling options out");
    return;
  }
  require(options.num_return_sequences <= options.num_beams,
          cat("num_return_sequences: ", options.num_return_sequences, " are more than num_beams=", options.num_beams,
              "; sampling gives any number"));
}

}  // namespace hiddenkey
