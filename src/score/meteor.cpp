#include "score/meteor.h"

#include <cmath>
#include <memory>
#include <utility>

#include "score/meteor_align.h"

namespace hiddenkey {
namespace {

/// Sums over segments give the corpus' score. "Weighted" counts content words delta, function words 1 - delta times.
struct MeteorCounts {
  double hypothesis = 0, reference = 0;                  ///< weighted words
  double hypothesis_matches = 0, reference_matches = 0;  ///< weighted, and by the stage
  double hypothesis_words = 0, reference_words = 0, matches = 0, chunks = 0;

  void add(const MeteorCounts& other) {
    hypothesis += other.hypothesis;
    reference += other.reference;
    hypothesis_matches += other.hypothesis_matches;
    reference_matches += other.reference_matches;
    hypothesis_words += other.hypothesis_words;
    reference_words += other.reference_words;
    matches += other.matches;
    chunks += other.chunks;
  }
};

double weight(const MeteorWord& word) {
  constexpr double kDelta = 0.75;
  return word.is_function ? 1 - kDelta : kDelta;
}

double weight(MeteorStage stage) {
  if (stage == MeteorStage::kStem) return 0.6;
  return stage == MeteorStage::kSynonym ? 0.8 : 1.0;
}

MeteorCounts count(const std::vector<const MeteorWord*>& hypothesis, const std::vector<const MeteorWord*>& reference) {
  MeteorCounts counts;
  for (const MeteorWord* word : hypothesis) counts.hypothesis += weight(*word);
  for (const MeteorWord* word : reference) counts.reference += weight(*word);
  counts.hypothesis_words = static_cast<double>(hypothesis.size());
  counts.reference_words = static_cast<double>(reference.size());
  const MeteorAlignment alignment = align(hypothesis, reference);
  for (const MeteorMatch& match : alignment.matches) {
    counts.hypothesis_matches += weight(match.stage) * weight(*hypothesis[match.hypothesis]);
    counts.reference_matches += weight(match.stage) * weight(*reference[match.reference]);
  }
  counts.matches = static_cast<double>(alignment.matches.size());
  counts.chunks = static_cast<double>(alignment.chunks);
  return counts;
}

double score_of(const MeteorCounts& counts) {
  constexpr double kAlpha = 0.85, kBeta = 0.2, kGamma = 0.6;
  if (counts.matches == 0) return 0;
  const double precision = counts.hypothesis_matches / counts.hypothesis;
  const double recall = counts.reference_matches / counts.reference;
  const double mean = precision * recall / (kAlpha * precision + (1 - kAlpha) * recall);
  const bool is_whole =
      counts.chunks == 1 && counts.matches == counts.hypothesis_words && counts.matches == counts.reference_words;
  return mean * (1 - (is_whole ? 0 : kGamma * std::pow(counts.chunks / counts.matches, kBeta)));
}

}  // namespace

Meteor::Meteor(Tokenize tokenize) : lexicon_(std::move(tokenize), installed_wordnet()) {}

Metric Meteor::of(const std::vector<Segment>& segments) {
  const auto counts = std::make_shared<std::vector<MeteorCounts>>();
  for (const Segment& segment : segments) {
    MeteorCounts best;
    double best_score = -1;
    for (const std::string& reference : segment.references) {
      const MeteorCounts candidate = count(lexicon_.words(segment.hypothesis), lexicon_.words(reference));
      if (score_of(candidate) <= best_score) continue;
      best = candidate;
      best_score = score_of(candidate);
    }
    counts->push_back(best);
  }
  Metric metric;
  metric.name = "METEOR";
  metric.note = "without paraphrases";
  metric.over = [counts](std::span<const std::size_t> chosen) {
    MeteorCounts sum;
    for (const std::size_t segment : chosen) sum.add((*counts)[segment]);
    return score_of(sum);
  };
  return metric;
}

}  // namespace hiddenkey
