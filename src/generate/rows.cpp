#include "generate/rows.h"

#include <algorithm>

#include "core/error.h"

namespace hiddenkey {

Limit limit_of(const TokenIds& prompt, const GenerationOptions& options, int64_t context) {
  const auto length = static_cast<int64_t>(prompt.size());
  const int64_t wanted = options.max_length ? *options.max_length - length : options.max_new_tokens;
  const int64_t room = context - length;
  if (room < wanted) return {room, Finish::kContext};
  return {wanted, Finish::kLength};
}

std::optional<Finish> finish_of(const TokenIds& tokens, const Limit& limit, const Ending& ending) {
  if (std::find(ending.end_ids.begin(), ending.end_ids.end(), tokens.back()) != ending.end_ids.end())
    return Finish::kEndToken;
  if (ending.has_stop && ending.has_stop(tokens)) return Finish::kStop;
  if (static_cast<int64_t>(tokens.size()) >= limit.tokens) return limit.reason;
  return std::nullopt;
}

void check_interrupted(const Ending& ending) {
  if (ending.interrupted && ending.interrupted()) throw StoppedError("the generation was stopped");
}

std::vector<TokenIds> ids_of(const std::vector<Prompt>& prompts) {
  std::vector<TokenIds> result;
  for (const Prompt& prompt : prompts) result.push_back(prompt.ids);
  return result;
}

}  // namespace hiddenkey
