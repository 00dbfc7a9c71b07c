#include "score/webnlg.h"

#include <algorithm>

#include "score/bleu.h"
#include "score/chrf.h"
#include "score/ter.h"

namespace hiddenkey {
namespace {

constexpr std::size_t kMostReferences = 6;

}  // namespace

std::vector<Metric> webnlg_metrics(const std::vector<Segment>& segments) {
  std::vector<Segment> fewer = segments;
  for (Segment& segment : fewer) segment.references.resize(std::min(segment.references.size(), kMostReferences));
  return {multi_bleu_detok(segments), mean_ter(fewer), corpus_ter(segments), chrf_plus_plus(segments)};
}

}  // namespace hiddenkey
