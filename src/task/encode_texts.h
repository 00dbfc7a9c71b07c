#pragma once

#include <string>
#include <vector>

#include "data/batch.h"
#include "data/dataset.h"
#include "nn/architecture.h"

namespace hiddenkey {

/// Texts, or pairs of texts, to ids, on all cores; the result does not depend on how many. What is longer than
/// `max_length` is cut and counted.
Dataset encode_texts(const std::vector<TextExample>& examples, const Tokenizer& tokenizer, int64_t max_length,
                     const std::string& split);

/// The rows that a decoder's classifier reads: the rightmost token of each sequence that is no padding, for a text may
/// end in the token that pads; the first one where all of them pad.
std::vector<int64_t> rows_before_padding(const PackedBatch& batch, int64_t pad_id);

}  // namespace hiddenkey
