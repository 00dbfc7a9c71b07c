#include "score/nist.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "score/ngrams.h"

namespace hiddenkey {
namespace {

constexpr std::size_t kNistOrder = 5;

/// Sums over segments give the corpus' score.
struct NistCounts {
  std::array<double, kNistOrder> information{};
  std::array<int64_t, kNistOrder> ngrams{};
  double reference_length = 0;

  void add(const NistCounts& other) {
    for (std::size_t n = 0; n < kNistOrder; ++n) {
      information[n] += other.information[n];
      ngrams[n] += other.ngrams[n];
    }
    reference_length += other.reference_length;
  }
};

/// Of all references; the n-gram of no token counts as often as there are tokens.
NgramCounts count_references(const std::vector<TokenSegment>& corpus) {
  NgramCounts counts;
  for (const TokenSegment& segment : corpus) {
    for (const Tokens& reference : segment.references) {
      counts[Ngram{}] += static_cast<int>(reference.size());
      for (const auto& [ngram, count] : count_ngrams(reference, kNistOrder)) counts[ngram] += count;
    }
  }
  return counts;
}

double information_of(const Ngram& ngram, const NgramCounts& all) {
  Ngram shorter = ngram;
  shorter.tokens[--shorter.size] = 0;
  return std::log2(static_cast<double>(all.at(shorter)) / all.at(ngram));
}

NistCounts count_segment(const TokenSegment& segment, const NgramCounts& all) {
  NistCounts counts;
  for (std::size_t n = 0; n < kNistOrder; ++n) {
    counts.ngrams[n] = static_cast<int64_t>(segment.hypothesis.size()) - static_cast<int64_t>(n);
  }
  double length = 0;
  for (const Tokens& reference : segment.references) length += static_cast<double>(reference.size());
  counts.reference_length = length / static_cast<double>(segment.references.size());
  const NgramCounts references = most_in_one(segment.references, kNistOrder);
  for (const auto& [ngram, count] : count_ngrams(segment.hypothesis, kNistOrder)) {
    const auto found = references.find(ngram);
    if (found == references.end()) continue;
    counts.information[ngram.size - 1] += information_of(ngram, all) * std::min(count, found->second);
  }
  return counts;
}

double nist_of(const NistCounts& counts) {
  static const double beta = -std::log(0.5) / (std::log(1.5) * std::log(1.5));
  if (counts.ngrams[0] <= 0 || counts.reference_length <= 0) return 0;
  double sum = 0;
  for (std::size_t n = 0; n < kNistOrder; ++n) {
    if (counts.ngrams[n] > 0) sum += counts.information[n] / static_cast<double>(counts.ngrams[n]);
  }
  const double ratio = std::log(std::min(1.0, static_cast<double>(counts.ngrams[0]) / counts.reference_length));
  return sum * std::exp(-beta * ratio * ratio);
}

}  // namespace

Metric nist(const std::vector<TokenSegment>& corpus) {
  const auto counts = std::make_shared<std::vector<NistCounts>>();
  const NgramCounts all = count_references(corpus);
  for (const TokenSegment& segment : corpus) counts->push_back(count_segment(segment, all));
  Metric metric;
  metric.name = "NIST";
  metric.over = [counts](std::span<const std::size_t> segments) {
    NistCounts sum;
    for (const std::size_t segment : segments) sum.add((*counts)[segment]);
    return nist_of(sum);
  };
  return metric;
}

}  // namespace hiddenkey
