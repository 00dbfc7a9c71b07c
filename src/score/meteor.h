#pragma once

#include "score/meteor_words.h"
#include "score/metric.h"

namespace hiddenkey {

/// METEOR 1.5 for English without its table of paraphrases (Denkowski and Lavie, WMT 2014), from 0 to 1: alpha 0.85,
/// beta 0.2, gamma 0.6, delta 0.75; exact matches, stems and synonyms of weights 1, 0.6 and 0.8. Of a segment's
/// references the one of the best score counts; the corpus' score is that of the segments' summed counts. The words are
/// the caller's. The list of function words is our own: E2E's figures of three systems are up to 0.0031 from METEOR
/// itself. Keep one for all systems of a test set.
class Meteor {
 public:
  /// ConfigError where WordNet is not installed.
  explicit Meteor(Tokenize tokenize);
  Metric of(const std::vector<Segment>& segments);

 private:
  MeteorLexicon lexicon_;
};

}  // namespace hiddenkey
