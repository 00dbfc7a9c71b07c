#pragma once

#include <cstddef>

#include "score/token_corpus.h"

namespace hiddenkey {

// The edits from a hypothesis to a reference: the shifts of runs of words that lower the distance of Levenshtein most,
// one after the other while one lowers it, and the distance that is left.

/// With tercom's rules as sacreBLEU has them: a run of up to ten words moves up to 50 places to where the reference has
/// it, if it is wrong where it is and the reference's run is wrong too; of equal shifts the longest, then the leftmost,
/// then the one to the leftmost place; after 1000 candidates no more shifts.
std::size_t tercom_edits(const Tokens& hypothesis, const Tokens& reference);

struct PyterEdits {
  std::size_t edits;
  bool complete = true;  ///< false where the search for shifts was given up, so that there may be fewer edits
};

/// With pyter's: a run moves as far as it matches; of equal shifts the one whose result is the last in the order of the
/// words, whose numbers have to be in that order. pyter needs days for some long texts that repeat themselves: the
/// search is given up after as much work as some seconds allow.
PyterEdits pyter_edits(const Tokens& hypothesis, const Tokens& reference);

}  // namespace hiddenkey
