#pragma once

#include <cstddef>
#include <vector>

#include "score/meteor_words.h"
#include "score/paraphrases.h"

namespace hiddenkey {

/// Words of the reference and of the hypothesis that say the same.
struct MeteorMatch {
  std::size_t reference, hypothesis;                      ///< places of the first words
  std::size_t reference_words = 1, hypothesis_words = 1;  ///< more than one in paraphrases
  MeteorStage stage = MeteorStage::kExact;
};

struct MeteorAlignment {
  std::vector<MeteorMatch> matches;  ///< in the order of the reference
  std::size_t chunks = 0;            ///< runs of matches that stand next to each other in both texts
};

/// One-to-one matches as METEOR 1.5 finds them: by a beam search over the reference from the left, 40 wide, after the
/// words with a single possible match. The most words first, then the fewest chunks, then the least sum of distances
/// between the places. Two of its habits move figures, so they are kept: words of a match other than an exact one count
/// half, rounded down, and the distance of a match is added to the path that goes without it. Texts of the same words
/// have exact matches alone.
MeteorAlignment align(const std::vector<const MeteorWord*>& hypothesis, const std::vector<const MeteorWord*>& reference,
                      const Paraphrases* paraphrases = nullptr);

}  // namespace hiddenkey
