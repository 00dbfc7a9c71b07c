#include "score/webnlg.h"

#include <algorithm>

#include "score/bleu.h"
#include "score/chrf.h"
#include "score/meteor.h"
#include "score/ter.h"
#include "score/words.h"

namespace hiddenkey {
namespace {

constexpr std::size_t kMostReferences = 6;

}  // namespace

WebnlgMetrics::WebnlgMetrics() : meteor_(lower_words_and_marks) {}

std::vector<Metric> WebnlgMetrics::of(const std::vector<Segment>& segments) {
  std::vector<Segment> fewer = segments;
  for (Segment& segment : fewer) segment.references.resize(std::min(segment.references.size(), kMostReferences));
  return {multi_bleu_detok(segments), meteor_.of(fewer), mean_ter(fewer), corpus_ter(segments),
          chrf_plus_plus(segments)};
}

std::vector<Metric> webnlg_metrics(const std::vector<Segment>& segments) { return WebnlgMetrics().of(segments); }

}  // namespace hiddenkey
