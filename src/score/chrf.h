#pragma once

#include "score/metric.h"

namespace hiddenkey {

/// chrF++ (Popovic, WMT 2017) from 0 to 100, as sacreBLEU computes it of several references: n-grams of up to six
/// characters without blanks and of up to two words, from which a mark of punctuation at one end is cut; F of beta 2 of
/// the mean precision and the mean recall over the n-gram lengths that occur. Cased. Of a segment's references the one
/// with the best F of its own counts.
Metric chrf_plus_plus(const std::vector<Segment>& segments);

}  // namespace hiddenkey
