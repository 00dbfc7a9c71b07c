#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace hiddenkey {

/// The ids that stand before a completion, in training as when a model is asked. Of e2e and webnlg, as LoRA's authors
/// have it: the prompt, then the beginning-of-text token as a separator (the end-of-text token where the tokenizer has
/// no other). Of generation: the prompt. Both with the special tokens that the tokenizer puts in front, without those
/// that it puts behind. ModelError for e2e and webnlg where the tokenizer has neither of the two tokens.
std::vector<int32_t> prompt_ids(const Tokenizer& tokenizer, const std::string& task, const std::string& prompt);

/// The ids of a completion and the end-of-text token, all of them in the loss. Of e2e and webnlg: of the completion
/// without white space at its ends, after one space. ModelError where the tokenizer has no end-of-text token.
std::vector<int32_t> completion_ids(const Tokenizer& tokenizer, const std::string& task, const std::string& completion);

/// Prompts and completions to ids, on all cores. An example that is longer than `max_length` (0 is no limit) is left
/// out and counted, since a text without its end teaches a model not to end; DataError where that leaves none.
Dataset tokenize_generation(const std::vector<TextExample>& examples, const Tokenizer& tokenizer,
                            const std::string& task, int64_t max_length, const std::string& split);

}  // namespace hiddenkey
