#include "score/bleu.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "score/mteval_tokenizer.h"
#include "score/ngrams.h"

namespace hiddenkey {
namespace {

constexpr std::size_t kBleuOrder = 4;

/// Sums over segments give the corpus' score.
struct BleuCounts {
  std::array<int64_t, kBleuOrder> matches{}, ngrams{};
  int64_t length = 0, reference_length = 0;

  void add(const BleuCounts& other) {
    for (std::size_t n = 0; n < kBleuOrder; ++n) {
      matches[n] += other.matches[n];
      ngrams[n] += other.ngrams[n];
    }
    length += other.length;
    reference_length += other.reference_length;
  }
};

int64_t closest_length(const TokenSegment& segment) {
  const auto length = static_cast<int64_t>(segment.hypothesis.size());
  int64_t best = -1;
  for (const Tokens& reference : segment.references) {
    const auto candidate = static_cast<int64_t>(reference.size());
    const int64_t distance = std::abs(candidate - length), best_distance = std::abs(best - length);
    if (best < 0 || distance < best_distance || (distance == best_distance && candidate < best)) best = candidate;
  }
  return best;
}

BleuCounts count_segment(const TokenSegment& segment) {
  BleuCounts counts;
  counts.length = static_cast<int64_t>(segment.hypothesis.size());
  counts.reference_length = closest_length(segment);
  const NgramCounts references = most_in_one(segment.references, kBleuOrder);
  for (const auto& [ngram, count] : count_ngrams(segment.hypothesis, kBleuOrder)) {
    const auto found = references.find(ngram);
    counts.ngrams[ngram.size - 1] += count;
    if (found != references.end()) counts.matches[ngram.size - 1] += std::min(count, found->second);
  }
  return counts;
}

double bleu_of(const BleuCounts& counts, ZeroMatches zero) {
  constexpr double kTinyMatches = 1e-15, kTinyNgrams = 1e-9, kTinyLength = 1e-5;
  double log_sum = 0;
  for (std::size_t n = 0; n < kBleuOrder; ++n) {
    if (counts.matches[n] == 0 && zero == ZeroMatches::kZero) return 0;
    log_sum += std::log(std::max(static_cast<double>(counts.matches[n]), kTinyMatches) /
                        std::max(static_cast<double>(counts.ngrams[n]), kTinyNgrams));
  }
  const double length = counts.length == 0 ? kTinyLength : static_cast<double>(counts.length);
  const double brevity = std::min(0.0, 1 - static_cast<double>(counts.reference_length) / length);
  return std::exp(log_sum / static_cast<double>(kBleuOrder) + brevity);
}

}  // namespace

Metric bleu(const std::vector<TokenSegment>& corpus, ZeroMatches zero) {
  const auto counts = std::make_shared<std::vector<BleuCounts>>();
  for (const TokenSegment& segment : corpus) counts->push_back(count_segment(segment));
  Metric metric;
  metric.name = "BLEU";
  metric.over = [counts, zero](std::span<const std::size_t> segments) {
    BleuCounts sum;
    for (const std::size_t segment : segments) sum.add((*counts)[segment]);
    return bleu_of(sum, zero);
  };
  return metric;
}

Metric multi_bleu_detok(const std::vector<Segment>& segments) {
  TokenMemory memory([](std::string_view text) { return mteval_tokens(text, Casing::kAsIs); });
  std::vector<TokenSegment> corpus = memory.corpus(segments);
  bool missing = false;
  for (std::size_t i = 0; i < corpus.size(); ++i) {
    if (segments[i].missing_references == 0) continue;
    corpus[i].references.emplace_back();
    missing = true;
  }
  Metric metric = bleu(corpus, ZeroMatches::kZero);
  metric.over = [fraction = metric.over](std::span<const std::size_t> chosen) { return 100 * fraction(chosen); };
  if (missing)
    metric.note = "as in multi-bleu-detok.perl a missing reference has no words, and its length may be the closest";
  return metric;
}

}  // namespace hiddenkey
