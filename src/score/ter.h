#pragma once

#include "score/metric.h"

namespace hiddenkey {

/// Translation edit rate of a corpus (Snover et al., AMTA 2006), as sacreBLEU computes it with its defaults, times 100:
/// words between blanks in lower case; tercom's greedy shifts of up to ten words; the edits against the nearest
/// reference over the mean length of the references, both summed over the segments. Where a segment has fewer
/// references than another, the missing ones are empty lines of sacreBLEU's files, and count as references without
/// words.
Metric corpus_ter(const std::vector<Segment>& segments);

/// The figure that WebNLG's papers print, a fraction: of each segment the least rate over its references, with the
/// shifts of pyter, and the mean of these; WebNLG's words (words.h). A reference without
/// words has rate 1, and so has one that is missing where another segment has more.
Metric mean_ter(const std::vector<Segment>& segments);

}  // namespace hiddenkey
