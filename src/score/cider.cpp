#include "score/cider.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "score/mean_metric.h"
#include "score/ngrams.h"

namespace hiddenkey {
namespace {

constexpr std::size_t kCiderOrder = 4;

/// A text's n-grams with their weights.
struct Vector {
  NgramMap<double> weights;
  std::array<double, kCiderOrder> squares{};  ///< of the length, for each n
  int bigrams = 0;
};

/// The numbers of segments whose references have an n-gram.
NgramCounts count_documents(const std::vector<TokenSegment>& corpus) {
  NgramCounts documents;
  for (const TokenSegment& segment : corpus) {
    for (const auto& entry : most_in_one(segment.references, kCiderOrder)) ++documents[entry.first];
  }
  return documents;
}

Vector weigh(const Tokens& tokens, const NgramCounts& documents, double log_segments) {
  Vector vector;
  for (const auto& [ngram, count] : count_ngrams(tokens, kCiderOrder)) {
    const auto found = documents.find(ngram);
    const double rarity = log_segments - (found == documents.end() ? 0 : std::log(found->second));
    const double weight = count * rarity;
    vector.weights.emplace(ngram, weight);
    vector.squares[ngram.size - 1] += weight * weight;
    if (ngram.size == 2) vector.bigrams += count;
  }
  return vector;
}

/// The sum over n.
double similarity(const Vector& hypothesis, const Vector& reference) {
  constexpr double kVariance = 36;
  std::array<double, kCiderOrder> products{};
  for (const auto& [ngram, weight] : hypothesis.weights) {
    const auto found = reference.weights.find(ngram);
    if (found != reference.weights.end()) products[ngram.size - 1] += std::min(weight, found->second) * found->second;
  }
  double sum = 0;
  for (std::size_t n = 0; n < kCiderOrder; ++n) {
    const double lengths = std::sqrt(hypothesis.squares[n]) * std::sqrt(reference.squares[n]);
    if (lengths != 0) sum += products[n] / lengths;
  }
  const double difference = hypothesis.bigrams - reference.bigrams;
  return sum * std::exp(-difference * difference / (2 * kVariance));
}

}  // namespace

Metric cider_d(const std::vector<TokenSegment>& corpus) {
  const NgramCounts documents = count_documents(corpus);
  const double log_segments = std::log(static_cast<double>(corpus.size()));
  std::vector<double> scores;
  for (const TokenSegment& segment : corpus) {
    const Vector hypothesis = weigh(segment.hypothesis, documents, log_segments);
    double sum = 0;
    for (const Tokens& reference : segment.references) {
      sum += similarity(hypothesis, weigh(reference, documents, log_segments));
    }
    scores.push_back(10 * sum / static_cast<double>(kCiderOrder * segment.references.size()));
  }
  return mean_metric("CIDEr", std::move(scores));
}

}  // namespace hiddenkey
