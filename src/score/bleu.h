#pragma once

#include "score/token_corpus.h"

namespace hiddenkey {

/// What a corpus without a single match of some length scores.
enum class ZeroMatches {
  kTiny,  ///< the match counts as 1e-15: the E2E challenge's pymteval
  kZero,  ///< nothing: multi-bleu
};

/// Corpus BLEU (Papineni et al., ACL 2002) of n-grams up to four tokens, from 0 to 1: a match counts as often as the
/// reference that has it most often; of the references' lengths the one closest to the hypothesis counts, the shorter
/// of two that are as close.
Metric bleu(const std::vector<TokenSegment>& corpus, ZeroMatches zero);

/// BLEU of multi-bleu-detok.perl, which WebNLG reports: cased, mteval-v13a's tokens, from 0 to 100. That script reads
/// one file for each reference of a segment, so that where a segment has fewer than another, an empty line is a
/// reference of no length. It is the closest one to a hypothesis of less than half of the others' length, which
/// WebNLG's figures owe much to.
Metric multi_bleu_detok(const std::vector<Segment>& segments);

}  // namespace hiddenkey
