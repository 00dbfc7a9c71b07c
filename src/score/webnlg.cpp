#include "score/webnlg.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "score/bleu.h"
#include "score/chrf.h"
#include "score/meteor.h"
#include "score/ter.h"
#include "score/words.h"

namespace hiddenkey {
namespace {

constexpr std::size_t kMostReferences = 6;

/// A metric over those segments of a group alone; NaN where there are none among them.
Metric of_group(const Metric& metric, const std::vector<Segment>& segments, const std::string& group) {
  std::vector<bool> inside;
  for (const Segment& segment : segments) inside.push_back(segment.group == group);
  Metric part = metric;
  part.name += "-" + group;
  part.note.clear();  // it stands with the whole
  part.over = [over = metric.over, inside](std::span<const std::size_t> numbers) {
    std::vector<std::size_t> kept;
    std::copy_if(numbers.begin(), numbers.end(), std::back_inserter(kept), [&](std::size_t i) { return inside[i]; });
    return kept.empty() ? std::numeric_limits<double>::quiet_NaN() : over(kept);
  };
  return part;
}

}  // namespace

std::vector<Segment> with_fewer_references(std::vector<Segment> segments) {
  for (Segment& segment : segments) segment.references.resize(std::min(segment.references.size(), kMostReferences));
  return segments;
}

WebnlgMetrics::WebnlgMetrics(const fs::path& paraphrases) : meteor_(lower_words_and_marks, paraphrases) {}

std::vector<Metric> WebnlgMetrics::of(const std::vector<Segment>& segments) {
  const std::vector<Segment> fewer = with_fewer_references(segments);
  std::vector<Metric> metrics{multi_bleu_detok(segments), meteor_.of(fewer), mean_ter(fewer), corpus_ter(segments),
                              chrf_plus_plus(segments)};
  const std::size_t count = metrics.size();
  for (const char* group : {"seen", "unseen"}) {
    const bool present =
        std::any_of(segments.begin(), segments.end(), [&](const Segment& segment) { return segment.group == group; });
    for (std::size_t i = 0; present && i < count; ++i) metrics.push_back(of_group(metrics[i], segments, group));
  }
  return metrics;
}

}  // namespace hiddenkey
