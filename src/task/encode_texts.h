#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"

namespace hiddenkey {

/// Texts, or pairs of texts, to ids, on all cores; the result does not depend on how many. What is longer than
/// `max_length` is cut and counted.
Dataset encode_texts(const std::vector<TextExample>& examples, const Tokenizer& tokenizer, int64_t max_length,
                     const std::string& split);

}  // namespace hiddenkey
