#pragma once

#include <optional>

#include "score/meteor_words.h"
#include "score/metric.h"
#include "score/paraphrases.h"

namespace hiddenkey {

/// METEOR 1.5 for English (Denkowski and Lavie, WMT 2014), normalised, from 0 to 1: alpha 0.85, beta 0.2, gamma 0.6,
/// delta 0.75; exact matches, stems, synonyms and paraphrases of weights 1, 0.6, 0.8 and 0.6. Of a segment's references
/// the one of the best score counts; the corpus' score is that of the segments' summed counts, but for the one chunk of
/// a segment that is matched whole. The words are the caller's. Keep one for all systems of a test set.
class Meteor {
 public:
  /// `paraphrases` is METEOR's table of them (paraphrases.h); without one the metric's note says so.
  /// ConfigError where WordNet is not installed.
  explicit Meteor(Tokenize tokenize, const fs::path& paraphrases = {});
  Metric of(const std::vector<Segment>& segments);

 private:
  void cover(const std::vector<Segment>& segments);

  MeteorLexicon lexicon_;
  std::optional<Paraphrases> paraphrases_;
};

}  // namespace hiddenkey
