#pragma once

#include <cstdint>
#include <string>

#include "data/dataset.h"
#include "task/task.h"

namespace hiddenkey {

/// The first `limit` examples of a split (0: all) as tokens, read or taken from the cache of tokens in the cache
/// folder, which is named after everything that decides its content. A cache that is damaged is made anew; one that
/// cannot be written is done without. What there is to say of the data is logged. The task learns its labels where it
/// does not have them yet.
Dataset load_dataset(const TaskConfig& config, Task& task, const std::string& split, const Tokenizer& tokenizer,
                     int64_t max_length, int64_t limit = 0);

}  // namespace hiddenkey
