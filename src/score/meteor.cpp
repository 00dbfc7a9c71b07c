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
  double hypothesis_words = 0, reference_words = 0, matched_hypothesis = 0, matched_reference = 0, chunks = 0;

  bool is_whole() const {
    return chunks == 1 && matched_hypothesis == hypothesis_words && matched_reference == reference_words;
  }
  void add(const MeteorCounts& other) {
    hypothesis += other.hypothesis;
    reference += other.reference;
    hypothesis_matches += other.hypothesis_matches;
    reference_matches += other.reference_matches;
    hypothesis_words += other.hypothesis_words;
    reference_words += other.reference_words;
    matched_hypothesis += other.matched_hypothesis;
    matched_reference += other.matched_reference;
    chunks += other.is_whole() ? 0 : other.chunks;
  }
};

double weight(const MeteorWord& word) {
  constexpr double kDelta = 0.75;
  return word.is_function ? 1 - kDelta : kDelta;
}

double weight(MeteorStage stage) {
  if (stage == MeteorStage::kExact) return 1;
  return stage == MeteorStage::kSynonym ? 0.8 : 0.6;
}

using Words = std::vector<const MeteorWord*>;

double weight(const Words& words, std::size_t begin, std::size_t count) {
  double sum = 0;
  for (std::size_t i = begin; i < begin + count; ++i) sum += weight(*words[i]);
  return sum;
}

MeteorCounts count(const Words& hypothesis, const Words& reference, const Paraphrases* paraphrases) {
  MeteorCounts counts;
  counts.hypothesis = weight(hypothesis, 0, hypothesis.size());
  counts.reference = weight(reference, 0, reference.size());
  counts.hypothesis_words = static_cast<double>(hypothesis.size());
  counts.reference_words = static_cast<double>(reference.size());
  const MeteorAlignment alignment = align(hypothesis, reference, paraphrases);
  for (const MeteorMatch& match : alignment.matches) {
    counts.hypothesis_matches += weight(match.stage) * weight(hypothesis, match.hypothesis, match.hypothesis_words);
    counts.reference_matches += weight(match.stage) * weight(reference, match.reference, match.reference_words);
    counts.matched_hypothesis += static_cast<double>(match.hypothesis_words);
    counts.matched_reference += static_cast<double>(match.reference_words);
  }
  counts.chunks = static_cast<double>(alignment.chunks);
  return counts;
}

double score_of(const MeteorCounts& counts) {
  constexpr double kAlpha = 0.85, kBeta = 0.2, kGamma = 0.6;
  if (counts.matched_hypothesis == 0) return 0;
  const double precision = counts.hypothesis_matches / counts.hypothesis;
  const double recall = counts.reference_matches / counts.reference;
  const double mean = precision * recall / (kAlpha * precision + (1 - kAlpha) * recall);
  const double matched = (counts.matched_hypothesis + counts.matched_reference) / 2;
  const double pieces = counts.is_whole() ? 0 : counts.chunks / matched;
  return mean * (1 - kGamma * std::pow(pieces, kBeta));
}

}  // namespace

Meteor::Meteor(Tokenize tokenize, const fs::path& paraphrases) : lexicon_(std::move(tokenize), installed_wordnet()) {
  if (!paraphrases.empty()) paraphrases_.emplace(paraphrases);
}

void Meteor::cover(const std::vector<Segment>& segments) {
  std::unordered_set<std::string> words;
  for (const Segment& segment : segments) {
    for (const std::string& reference : segment.references) {
      for (const MeteorWord* word : lexicon_.words(reference)) words.insert(word->text);
    }
    for (const MeteorWord* word : lexicon_.words(segment.hypothesis)) words.insert(word->text);
  }
  paraphrases_->cover(words);
}

Metric Meteor::of(const std::vector<Segment>& segments) {
  if (paraphrases_) cover(segments);
  const Paraphrases* paraphrases = paraphrases_ ? &*paraphrases_ : nullptr;
  const auto counts = std::make_shared<std::vector<MeteorCounts>>();
  for (const Segment& segment : segments) {
    MeteorCounts best;
    double best_score = -1;
    for (const std::string& reference : segment.references) {
      const MeteorCounts candidate = count(lexicon_.words(segment.hypothesis), lexicon_.words(reference), paraphrases);
      if (score_of(candidate) <= best_score) continue;
      best = candidate;
      best_score = score_of(candidate);
    }
    counts->push_back(best);
  }
  Metric metric;
  metric.name = "METEOR";
  if (!paraphrases_) metric.note = "without paraphrases";
  metric.over = [counts](std::span<const std::size_t> chosen) {
    MeteorCounts sum;
    for (const std::size_t segment : chosen) sum.add((*counts)[segment]);
    return score_of(sum);
  };
  return metric;
}

}  // namespace hiddenkey
