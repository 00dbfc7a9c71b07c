#pragma once

#include <functional>
#include <string>
#include <vector>

#include "generate/search.h"
#include "model/network.h"
#include "text/tokenizer.h"

namespace hiddenkey {

struct Generation {
  TokenIds tokens;   ///< new ones, without the end token
  std::string text;  ///< without special tokens, cut before a stop string
  double score = 0;  ///< see Candidate
  Finish finish = Finish::kLength;
};

/// What the caller of a generation is told and asked. Each may be empty.
struct GenerationHooks {
  /// After each batch: how many prompts are done, and everything that is generated so far in the prompts' order.
  std::function<void(int64_t done, const std::vector<std::vector<Generation>>& results)> finished;
  std::function<bool()> stopped;  ///< before each token; true ends it all with a StoppedError
};

/// Texts from a language model.
class Generator {
 public:
  /// `end_ids` end a text. All are used by reference but the options. ConfigError as check_options.
  Generator(const Network& network, const Tokenizer& tokenizer, GenerationOptions options, TokenIds end_ids);

  /// Whether the prompt has tokens and leaves room for one more in the model's context.
  bool fits(const TokenIds& prompt) const;

  /// num_return_sequences candidates for each prompt, in the prompts' order. Prompts of similar length share a batch.
  /// DataError names the first prompt that does not fit, and counts the others.
  std::vector<std::vector<Generation>> generate(const std::vector<TokenIds>& prompts, int64_t batch_size,
                                                const GenerationHooks& hooks = {}) const;

 private:
  void check_ids(const std::vector<TokenIds>& prompts) const;
  void check_prompts(const std::vector<TokenIds>& prompts) const;
  bool has_stop(const TokenIds& tokens) const;
  Generation finish(Candidate candidate) const;

  const Network& network_;
  const Tokenizer& tokenizer_;
  GenerationOptions options_;
  TokenIds end_ids_;
  TokenIds stop_ids_;  ///< stop strings that are tokens, which the decoded text may lack
};

}  // namespace hiddenkey
