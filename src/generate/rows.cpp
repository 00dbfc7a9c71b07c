#include "generate/rows.h"

#include <algorithm>
#include <limits>

#include "core/error.h"

namespace hiddenkey {

Limit limit_of(const TokenIds& prompt, const GenerationOptions& options, int64_t context) {
  const int64_t room = context - static_cast<int64_t>(prompt.size());
  if (room < options.max_new_tokens) return {room, Finish::kContext};
  return {options.max_new_tokens, Finish::kLength};
}

std::optional<Finish> finish_of(const TokenIds& tokens, const Limit& limit, const Ending& ending) {
  if (std::find(ending.end_ids.begin(), ending.end_ids.end(), tokens.back()) != ending.end_ids.end())
    return Finish::kEndToken;
  if (ending.has_stop && ending.has_stop(tokens)) return Finish::kStop;
  if (static_cast<int64_t>(tokens.size()) >= limit.tokens) return limit.reason;
  return std::nullopt;
}

void ban_repeats(at::Tensor& scores_RV, const std::vector<Row>& rows, int64_t size) {
  if (size == 0) return;
  const int64_t vocabulary = scores_RV.size(1);
  std::vector<int64_t> banned;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    TokenIds all = *rows[r].prompt;
    all.insert(all.end(), rows[r].tokens.begin(), rows[r].tokens.end());
    if (static_cast<int64_t>(all.size()) < size) continue;
    const auto prefix = all.end() - (size - 1);
    for (auto run = all.begin(); run + (size - 1) != all.end(); ++run) {
      const int64_t next = *(run + (size - 1));
      if (next < vocabulary && std::equal(prefix, all.end(), run))
        banned.push_back(static_cast<int64_t>(r) * vocabulary + next);
    }
  }
  if (banned.empty()) return;
  const at::Tensor index = at::tensor(banned, at::kLong).to(scores_RV.device(), /*non_blocking=*/true);
  scores_RV.view({-1}).index_fill_(0, index, -std::numeric_limits<double>::infinity());
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
