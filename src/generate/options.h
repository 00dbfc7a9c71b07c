#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hiddenkey {

using TokenIds = std::vector<int32_t>;

bool holds(const TokenIds& ids, int32_t id);

/// How a token is drawn. The filters work in the order in which they stand here, as in Transformers.
struct SamplingOptions {
  double temperature = 1;  ///< > 0; divides the logits
  int64_t top_k = 50;      ///< keeps only the k likeliest tokens; 0 keeps all
  double top_p = 1;        ///< keeps only the likeliest tokens that together have this probability; in (0, 1]
  uint64_t seed = 42;
  double top_h = 0;           ///< keeps the likeliest tokens up to this part of the entropy; 0 keeps all
  double min_p = 0;           ///< keeps tokens with at least this part of the likeliest one's probability
  double typical_p = 1;       ///< keeps the most typical tokens that together have this probability; in (0, 1]
  double epsilon_cutoff = 0;  ///< keeps tokens that are at least as likely as this; 0 keeps all
  double eta_cutoff = 0;      ///< as epsilon_cutoff, and lower where the distribution is flat
};

/// What is added to the score of a run's last token where the others stand before it.
struct SequenceBias {
  TokenIds tokens;
  double bias = 0;
};

/// After `start` new tokens, end tokens grow likelier by `factor` with each further one.
struct LengthDecay {
  int64_t start = 0;
  double factor = 1;
};

/// What changes the scores of the next token before one is chosen; see LogitsProcessors. The names are those of
/// Transformers' GenerationConfig, and the defaults change nothing.
struct LogitsRules {
  std::vector<SequenceBias> sequence_bias;
  double encoder_repetition_penalty = 1;     ///< above 1 favours the prompt's tokens
  double repetition_penalty = 1;             ///< above 1 disfavours tokens that have occurred
  int64_t no_repeat_ngram_size = 0;          ///< a run of so many tokens stands only once, the prompt's included
  int64_t encoder_no_repeat_ngram_size = 0;  ///< a run of so many tokens of the prompt does not occur again
  std::vector<TokenIds> bad_words;
  int64_t min_length = 0;               ///< tokens of prompt and text before the text may end
  int64_t min_new_tokens = 0;           ///< tokens of the text before it may end
  std::optional<int32_t> forced_begin;  ///< the first token after a prompt of one token
  TokenIds forced_end;                  ///< the last token that fits
  bool remove_invalid_values = false;
  std::optional<LengthDecay> length_decay;
  TokenIds suppress;
  TokenIds begin_suppress;
  bool renormalize = false;
};

/// When a beam search ends that has num_beams finished beams.
enum class EarlyStopping {
  kHeuristic,  ///< once no open beam is better than the worst finished one, judged at its present length
  kAtOnce,     ///< however good the open beams are
  kNever       ///< as kHeuristic, but judged at the length at which an open beam could be best
};

/// A search, with every option decided. The names are those of Transformers' GenerationConfig.
struct GenerationOptions {
  int64_t max_new_tokens = 128;
  std::optional<int64_t> max_length;  ///< tokens of a prompt and its text together; replaces max_new_tokens
  int64_t num_beams = 1;              ///< 1: no beam search
  double length_penalty = 1;          ///< beams are ranked by log-probability / length^this
  EarlyStopping early_stopping = EarlyStopping::kHeuristic;
  bool do_sample = false;  ///< otherwise the likeliest token is taken, or beams are searched
  SamplingOptions sampling;
  LogitsRules rules;
  std::vector<std::string> stop;  ///< a text that contains one of these ends, and is cut before it
  int64_t num_return_sequences = 1;
};

/// ConfigError names the option that is out of its range.
void check_ranges(const GenerationOptions& options);

/// ConfigError also names an option that is excluded by another, and a token that the vocabulary lacks.
void check_options(const GenerationOptions& options, int64_t vocab_size);

}  // namespace hiddenkey
