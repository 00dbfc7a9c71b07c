#pragma once

#include "score/token_corpus.h"

namespace hiddenkey {

/// CIDEr-D (Vedantam, Zitnick and Parikh, CVPR 2015) as the COCO caption evaluation computes it: for n-grams of 1 to 4
/// tokens the cosine of tf-idf vectors, a hypothesis' weight clipped to the reference's, times exp(-d^2 / 72) where d
/// is the difference of the numbers of bigrams; the mean over n and references, times 10. An n-gram's documents are the
/// segments with a reference that has it. The mean over segments; a corpus of one segment scores 0.
Metric cider_d(const std::vector<TokenSegment>& corpus);

}  // namespace hiddenkey
