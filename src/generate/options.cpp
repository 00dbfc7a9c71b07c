#include "generate/options.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

void require(bool holds, const std::string& message) {
  if (!holds) throw ConfigError(message);
}

/// The value as a message shows it, with the reason why it cannot be.
void require_number(bool holds, const char* name, double value, const char* reason) {
  require(holds, cat(name, ": ", format_number(value), " ", reason));
}

void check_sampling(const SamplingOptions& sampling) {
  require_number(std::isfinite(sampling.temperature) && sampling.temperature > 0, "temperature", sampling.temperature,
                 "is no finite number above 0 (the likeliest token is taken where nothing is sampled)");
  require(sampling.top_k >= 0, cat("top_k: ", sampling.top_k, " is negative; 0 keeps all tokens"));
  require_number(sampling.top_p > 0 && sampling.top_p <= 1, "top_p", sampling.top_p, "is not in (0, 1]");
  require_number(sampling.top_h >= 0 && sampling.top_h <= 1, "top_h", sampling.top_h, "is not in (0, 1]");
  require_number(sampling.min_p >= 0 && sampling.min_p <= 1, "min_p", sampling.min_p, "is not in [0, 1]");
  require_number(sampling.typical_p > 0 && sampling.typical_p <= 1, "typical_p", sampling.typical_p,
                 "is not in (0, 1]");
  require_number(sampling.epsilon_cutoff >= 0 && sampling.epsilon_cutoff < 1, "epsilon_cutoff", sampling.epsilon_cutoff,
                 "is not in [0, 1)");
  require_number(sampling.eta_cutoff >= 0 && sampling.eta_cutoff < 1, "eta_cutoff", sampling.eta_cutoff,
                 "is not in [0, 1)");
}

void check_rules(const LogitsRules& rules) {
  const auto above_zero = [](double value) { return std::isfinite(value) && value > 0; };
  require_number(above_zero(rules.repetition_penalty), "repetition_penalty", rules.repetition_penalty,
                 "is no finite number above 0; 1 turns it off");
  require_number(above_zero(rules.encoder_repetition_penalty), "encoder_repetition_penalty",
                 rules.encoder_repetition_penalty, "is no finite number above 0; 1 turns it off");
  const std::pair<const char*, int64_t> counts[] = {
      {"no_repeat_ngram_size", rules.no_repeat_ngram_size},
      {"encoder_no_repeat_ngram_size", rules.encoder_no_repeat_ngram_size},
      {"min_length", rules.min_length},
      {"min_new_tokens", rules.min_new_tokens}};
  for (const auto& [name, count] : counts) require(count >= 0, cat(name, ": ", count, " is negative; 0 turns it off"));
  if (rules.length_decay) {
    require(rules.length_decay->start >= 0 && above_zero(rules.length_decay->factor),
            "exponential_decay_length_penalty: expected a number of tokens and a factor above 0");
  }
}

void check_token(const char* name, int32_t id, int64_t vocab_size) {
  require(id >= 0 && id < vocab_size,
          cat(name, ": there is no token ", id, " among the ", vocab_size, " of the vocabulary"));
}

/// Suppressed tokens are not checked: one that does not exist is suppressed already.
void check_tokens(const LogitsRules& rules, int64_t vocab_size) {
  for (const SequenceBias& bias : rules.sequence_bias) {
    for (const int32_t id : bias.tokens) check_token("sequence_bias", id, vocab_size);
  }
  for (const TokenIds& word : rules.bad_words) {
    for (const int32_t id : word) check_token("bad_words_ids", id, vocab_size);
  }
  if (rules.forced_begin) check_token("forced_bos_token_id", *rules.forced_begin, vocab_size);
  for (const int32_t id : rules.forced_end) check_token("forced_eos_token_id", id, vocab_size);
}

}  // namespace

bool holds(const TokenIds& ids, int32_t id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

void check_ranges(const GenerationOptions& options) {
  require(options.max_new_tokens > 0, cat("max_new_tokens: ", options.max_new_tokens, " is not above 0"));
  if (options.max_length) require(*options.max_length > 0, cat("max_length: ", *options.max_length, " is not above 0"));
  require(options.num_beams > 0, cat("num_beams: ", options.num_beams, " is not above 0"));
  require(std::isfinite(options.length_penalty), "length_penalty: is not a finite number");
  require(options.num_return_sequences > 0,
          cat("num_return_sequences: ", options.num_return_sequences, " is not above 0"));
  for (const std::string& stop : options.stop) require(!stop.empty(), "stop: an empty text ends everything");
  check_sampling(options.sampling);
  check_rules(options.rules);
}

void check_options(const GenerationOptions& options, int64_t vocab_size) {
  check_ranges(options);
  check_tokens(options.rules, vocab_size);
  require(options.num_beams <= vocab_size,
          cat("num_beams: ", options.num_beams, " are more than the ", vocab_size, " tokens of the vocabulary"));
  require(options.num_beams > 1 || options.early_stopping == EarlyStopping::kHeuristic,
          "early_stopping: ends a beam search, and num_beams is 1");
  require(options.num_beams == 1 || !options.do_sample,
          "num_beams: beams are searched and not sampled here; set num_beams to 1, or do_sample to false");
  require(options.do_sample || options.num_return_sequences <= options.num_beams,
          cat("num_return_sequences: ", options.num_return_sequences, " are more than num_beams=", options.num_beams,
              "; sampling gives any number"));
}

}  // namespace hiddenkey
