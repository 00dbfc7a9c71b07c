#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "generate/options.h"

/// B prompts, R rows that grow from them, V tokens of the vocabulary.
namespace hiddenkey {

/// A language model as a search sees it: rows of tokens to which one is added at a time.
class TokenModel {
 public:
  virtual ~TokenModel() = default;
  /// Reads the prompts; each has `copies` rows from then on. Logits [B,V] float32 of the prompts' next tokens.
  virtual at::Tensor start(const std::vector<TokenIds>& prompts, int64_t copies) = 0;
  /// One more token in each row: logits [R,V] of the next.
  virtual at::Tensor step(const TokenIds& ids_R) = 0;
  /// Row i goes on from row parents[i], which belongs to the same prompt.
  virtual void reorder(const std::vector<int64_t>& parents) = 0;
  /// Drops the rows that are not named.
  virtual void keep(const std::vector<int64_t>& rows) = 0;
  /// Tokens that a prompt and what follows it may have together.
  virtual int64_t context() const = 0;
};

struct Prompt {
  uint64_t number = 0;  ///< a part of the address of what is drawn for it
  TokenIds ids;
};

enum class Finish {
  kEndToken,  ///< the model ended the text
  kStop,      ///< a stop string
  kLength,    ///< max_new_tokens
  kContext,   ///< the model's context is full
};
std::string finish_name(Finish finish);

struct Candidate {
  TokenIds tokens;  ///< new ones, without the end token
  /// Beams: the sum of the new tokens' log-probabilities, the end token's included, over their number to the power of
  /// length_penalty. Else that sum itself, under the model's own distribution: before temperature, filters and bans.
  double score = 0;
  Finish finish = Finish::kLength;
};

/// What ends a row or the whole search.
struct Ending {
  TokenIds end_ids;
  std::function<bool(const TokenIds& tokens)> has_stop;  ///< whether the new tokens' text ends here; none: never
  std::function<bool()> interrupted;                     ///< asked before each step; none: never
};

/// num_return_sequences candidates for each prompt, the best first; a sample's place is its number. Prompts do not
/// influence each other. StoppedError where interrupted.
std::vector<std::vector<Candidate>> search(TokenModel& model, const std::vector<Prompt>& prompts,
                                           const GenerationOptions& options, const Ending& ending);

}  // namespace hiddenkey
