#pragma once

#include <string>
#include <vector>

#include "core/text.h"
#include "score/metric.h"
#include "score/token_corpus.h"

namespace hiddenkey {

/// A few segments with what their texts can hold: a repeated word, one, two or three references, an answer of one word.
inline std::vector<Segment> small_corpus() {
  return {
      {"The cheap pub is near the river , The pub .",
       {"A cheap pub near the river.", "The pub near the river is cheap, and it's good."},
       ""},
      {"Cotto serves £20-25 food in the centre",
       {"Cotto, in the centre, serves food for £20-£25.", "Cotto serves food.", "The Cotto."},
       ""},
      {"Blue Spice: kid-friendly", {"Blue Spice is kid friendly and 3.5 stars."}, ""},
      {"yes", {"no, not at all"}, ""},
  };
}

inline std::vector<TokenSegment> split_at_blanks(const std::vector<Segment>& segments) {
  return TokenMemory([](std::string_view text) { return split(text, ' '); }).corpus(segments);
}

/// The metric over all of `count` segments.
inline double over_all(const Metric& metric, std::size_t count) { return metric.over(all_segments(count)); }

}  // namespace hiddenkey
