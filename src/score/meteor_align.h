#pragma once

#include <cstddef>
#include <vector>

#include "score/meteor_words.h"

namespace hiddenkey {

struct MeteorMatch {
  std::size_t hypothesis, reference;  ///< places of the words
  MeteorStage stage;
};

struct MeteorAlignment {
  std::vector<MeteorMatch> matches;
  std::size_t chunks = 0;  ///< runs of matches that stand next to each other in both texts
};

/// The one-to-one matches that cover the most words, then those in the fewest chunks, then those of the least sum of
/// distances between the places; found by a beam search over the hypothesis from the left, 40 wide.
MeteorAlignment align(const std::vector<const MeteorWord*>& hypothesis,
                      const std::vector<const MeteorWord*>& reference);

}  // namespace hiddenkey
