#pragma once

#include "score/token_corpus.h"

namespace hiddenkey {

/// ROUGE-L (Lin, ACL workshop 2004) as the COCO caption evaluation has it: the F measure with beta 1.2 of the longest
/// common subsequence's best precision and best recall, each over all references by itself; the mean over segments.
Metric rouge_l(const std::vector<TokenSegment>& corpus);

}  // namespace hiddenkey
