#pragma once

#include "score/meteor.h"
#include "score/metric.h"

namespace hiddenkey {

/// The first six references of each segment, which are all that METEOR and TER see.
std::vector<Segment> with_fewer_references(std::vector<Segment> segments);

/// The metrics of WebNLG 2017 (Gardent et al., INLG 2017) in the order of its tables, and chrF++ of later editions.
/// BLEU, corpus TER and chrF++ are from 0 to 100, METEOR and TER fractions, as papers print them. METEOR and TER see
/// WebNLG's words (words.h) and up to six references. Where segments
/// have groups each metric stands there once more for each, as "BLEU-seen". Keep one for all systems of a test set.
class WebnlgMetrics {
 public:
  /// `paraphrases` is METEOR's table, if there is one. ConfigError where WordNet is not installed, which METEOR needs.
  explicit WebnlgMetrics(const fs::path& paraphrases = {});
  std::vector<Metric> of(const std::vector<Segment>& segments);

 private:
  Meteor meteor_;
};

}  // namespace hiddenkey
