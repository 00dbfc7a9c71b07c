#pragma once

#include "score/meteor.h"
#include "score/metric.h"
#include "score/token_corpus.h"

namespace hiddenkey {

/// The metrics of the E2E challenge (Dusek, Novikova and Rieser, INLG 2018): BLEU and NIST on mteval's tokens, the
/// others on Penn Treebank tokens without punctuation, all in lower case. Keep one for all systems of a test set, so
/// that the references are tokenized once.
class E2eMetrics {
 public:
  /// `paraphrases` is METEOR's table, if there is one. ConfigError where WordNet is not installed, which METEOR needs.
  explicit E2eMetrics(const fs::path& paraphrases = {});
  /// In the order of the challenge's tables.
  std::vector<Metric> of(const std::vector<Segment>& segments);

 private:
  TokenMemory mteval_, ptb_;
  Meteor meteor_;
};

}  // namespace hiddenkey
