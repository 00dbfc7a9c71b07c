#include "score/rouge.h"

#include <algorithm>

#include "score/mean_metric.h"

namespace hiddenkey {
namespace {

/// The length of the longest common subsequence.
std::size_t common_length(const Tokens& a, const Tokens& b) {
  std::vector<std::size_t> row(b.size() + 1, 0);
  for (const std::uint32_t token : a) {
    std::size_t diagonal = 0;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = token == b[j - 1] ? diagonal + 1 : std::max(row[j], row[j - 1]);
      diagonal = above;
    }
  }
  return row.back();
}

double score_segment(const TokenSegment& segment) {
  constexpr double kBeta2 = 1.2 * 1.2;
  double precision = 0, recall = 0;
  for (const Tokens& reference : segment.references) {
    const auto common = static_cast<double>(common_length(segment.hypothesis, reference));
    if (common == 0) continue;
    precision = std::max(precision, common / static_cast<double>(segment.hypothesis.size()));
    recall = std::max(recall, common / static_cast<double>(reference.size()));
  }
  return recall == 0 ? 0 : (1 + kBeta2) * precision * recall / (recall + kBeta2 * precision);
}

}  // namespace

Metric rouge_l(const std::vector<TokenSegment>& corpus) {
  std::vector<double> scores;
  for (const TokenSegment& segment : corpus) scores.push_back(score_segment(segment));
  return mean_metric("ROUGE-L", std::move(scores));
}

}  // namespace hiddenkey
