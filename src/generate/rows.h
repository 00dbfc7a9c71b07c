#pragma once

#include "generate/search.h"

/// What greedy, sampled and beam search share.
namespace hiddenkey {

/// How many tokens a prompt may get, and why no more.
struct Limit {
  int64_t tokens = 0;
  Finish reason = Finish::kLength;
};
Limit limit_of(const TokenIds& prompt, const GenerationOptions& options, int64_t context);

/// One row of a search.
struct Row {
  const TokenIds* prompt = nullptr;
  TokenIds tokens;
  Limit limit;
};

/// Why a row ends with its newest token; nothing where it goes on.
std::optional<Finish> finish_of(const TokenIds& tokens, const Limit& limit, const Ending& ending);

/// StoppedError where the search is interrupted.
void check_interrupted(const Ending& ending);

/// The prompts' ids alone.
std::vector<TokenIds> ids_of(const std::vector<Prompt>& prompts);

}  // namespace hiddenkey
