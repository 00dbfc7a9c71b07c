#include "score/e2e.h"

#include "score/bleu.h"
#include "score/cider.h"
#include "score/mteval_tokenizer.h"
#include "score/nist.h"
#include "score/ptb_tokenizer.h"
#include "score/rouge.h"

namespace hiddenkey {

E2eMetrics::E2eMetrics()
    : mteval_([](std::string_view text) { return mteval_tokens(text, Casing::kLower); }), ptb_(ptb_words) {}

std::vector<Metric> E2eMetrics::of(const std::vector<Segment>& segments) {
  const std::vector<TokenSegment> mteval = mteval_.corpus(segments), ptb = ptb_.corpus(segments);
  return {
      bleu(mteval, ZeroMatches::kTiny),
      nist(mteval),
      // METEOR stands here in the challenge's tables.
      rouge_l(ptb),
      cider_d(ptb),
  };
}

std::vector<Metric> e2e_metrics(const std::vector<Segment>& segments) { return E2eMetrics().of(segments); }

}  // namespace hiddenkey
