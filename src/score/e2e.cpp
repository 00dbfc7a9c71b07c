#include "score/e2e.h"

#include "score/bleu.h"
#include "score/cider.h"
#include "score/mteval_tokenizer.h"
#include "score/nist.h"
#include "score/ptb_tokenizer.h"
#include "score/rouge.h"

namespace hiddenkey {

E2eMetrics::E2eMetrics(const fs::path& paraphrases)
    : mteval_([](std::string_view text) { return mteval_tokens(text, Casing::kLower); }),
      ptb_(ptb_words),
      meteor_(ptb_words, paraphrases) {}

std::vector<Metric> E2eMetrics::of(const std::vector<Segment>& segments) {
  const std::vector<TokenSegment> mteval = mteval_.corpus(segments), ptb = ptb_.corpus(segments);
  return {
      bleu(mteval, ZeroMatches::kTiny), nist(mteval), meteor_.of(segments), rouge_l(ptb), cider_d(ptb),
  };
}

}  // namespace hiddenkey
