#pragma once

#include "score/token_corpus.h"

namespace hiddenkey {

/// NIST score (Doddington, HLT 2002) of n-grams up to five tokens, as e2e-metrics' pymteval computes it: a match weighs
/// log2(count of the n-gram without its last token / count of the n-gram), counted over all references of the corpus;
/// the length penalty exp(-beta ln^2 min(1, hypotheses / references)) takes the mean length of a segment's references,
/// and is a half where the hypotheses have two thirds of it. As there, a hypothesis of k tokens is taken to have
/// k - n + 1 n-grams, also where that is below zero.
Metric nist(const std::vector<TokenSegment>& corpus);

}  // namespace hiddenkey
