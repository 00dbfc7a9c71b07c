#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace hiddenkey {

/// Texts to ids, on all cores; the result does not depend on how many.
Dataset tokenize(const std::vector<TextExample>& examples, const Tokenizer& tokenizer, int64_t max_length,
                 const std::string& split);

/// The first `limit` examples of a split (0: all) as tokens, read or taken from the cache of tokens in the cache
/// folder, which is named after everything that decides its content. A cache that is damaged is made anew; one that
/// cannot be written is done without. What there is to say of the data is logged.
Dataset load_dataset(const TaskConfig& config, TaskInfo& task, const std::string& split, const Tokenizer& tokenizer,
                     int64_t max_length, int64_t limit = 0);

}  // namespace hiddenkey
