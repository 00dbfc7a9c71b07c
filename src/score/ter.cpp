#include "score/ter.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "core/text.h"
#include "score/lowercase.h"
#include "score/mean_metric.h"
#include "score/ter_shifts.h"
#include "score/words.h"

namespace hiddenkey {
namespace {

/// A segment's words as numbers in the order of the words.
TokenSegment number_words(const Segment& segment, const Tokenize& tokenize) {
  std::vector<std::vector<std::string>> texts = {tokenize(segment.hypothesis)};
  for (const std::string& reference : segment.references) texts.push_back(tokenize(reference));
  std::vector<std::string> known;
  for (const auto& text : texts) known.insert(known.end(), text.begin(), text.end());
  std::sort(known.begin(), known.end());
  std::vector<Tokens> numbered(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (const std::string& word : texts[i])
      numbered[i].push_back(
          static_cast<std::uint32_t>(std::lower_bound(known.begin(), known.end(), word) - known.begin()));
  }
  return {numbered[0], {numbered.begin() + 1, numbered.end()}};
}

struct TerCounts {
  double edits = 0, length = 0;
};

/// A missing reference is one without words.
TerCounts count_edits(const TokenSegment& segment, std::size_t missing) {
  TerCounts counts{std::numeric_limits<double>::max(), 0};
  for (const Tokens& reference : segment.references) {
    counts.edits = std::min(counts.edits, static_cast<double>(tercom_edits(segment.hypothesis, reference)));
    counts.length += static_cast<double>(reference.size());
  }
  if (missing > 0) counts.edits = std::min(counts.edits, static_cast<double>(segment.hypothesis.size()));
  counts.length /= static_cast<double>(segment.references.size() + missing);
  return counts;
}

struct Rate {
  double value;
  bool complete = true;  ///< whether all shifts were searched
};

/// A reference without words, or one that is missing, has rate 1.
Rate least_rate(const TokenSegment& segment, std::size_t missing) {
  Rate least{missing > 0 ? 1 : std::numeric_limits<double>::max()};
  for (const Tokens& reference : segment.references) {
    double rate = 1;
    if (!reference.empty()) {
      const PyterEdits edits = pyter_edits(segment.hypothesis, reference);
      rate = static_cast<double>(edits.edits) / static_cast<double>(reference.size());
      least.complete = least.complete && edits.complete;
    }
    least.value = std::min(least.value, rate);
  }
  return least;
}

bool lacks_references(const std::vector<Segment>& segments) {
  return std::any_of(segments.begin(), segments.end(),
                     [](const Segment& segment) { return segment.missing_references > 0; });
}

}  // namespace

Metric corpus_ter(const std::vector<Segment>& segments) {
  const auto counts = std::make_shared<std::vector<TerCounts>>();
  const Tokenize tokenize = [](std::string_view text) { return blank_separated(lowercase(text)); };
  for (const Segment& segment : segments)
    counts->push_back(count_edits(number_words(segment, tokenize), segment.missing_references));
  Metric metric;
  metric.name = "corpus TER";
  metric.smaller_is_better = true;
  if (lacks_references(segments))
    metric.note = "as in sacreBLEU a missing reference has no words, and lowers the references' mean length";
  metric.over = [counts](std::span<const std::size_t> chosen) {
    TerCounts sum;
    for (const std::size_t segment : chosen) {
      sum.edits += (*counts)[segment].edits;
      sum.length += (*counts)[segment].length;
    }
    if (sum.length == 0) return sum.edits > 0 ? 100.0 : 0.0;
    return 100 * sum.edits / sum.length;
  };
  return metric;
}

Metric mean_ter(const std::vector<Segment>& segments) {
  std::vector<double> rates;
  std::size_t given_up = 0;
  for (const Segment& segment : segments) {
    const Rate rate = least_rate(number_words(segment, lower_words_and_marks), segment.missing_references);
    rates.push_back(rate.value);
    given_up += rate.complete ? 0 : 1;
  }
  Metric metric = mean_metric("TER", std::move(rates));
  metric.smaller_is_better = true;
  if (lacks_references(segments)) metric.note = "as in WebNLG's figures a missing reference is one of rate 1";
  if (given_up > 0)
    metric.note += cat(metric.note.empty() ? "" : "; ", "the search for shifts was given up in ", given_up,
                       " long texts that repeat themselves, so their rates may be too high");
  return metric;
}

}  // namespace hiddenkey
