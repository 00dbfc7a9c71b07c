#include "score/text_metric.h"

#include <memory>

#include "score/bleu.h"
#include "score/chrf.h"
#include "score/cider.h"
#include "score/mteval_tokenizer.h"
#include "score/nist.h"
#include "score/ptb_tokenizer.h"
#include "score/rouge.h"
#include "score/ter.h"
#include "score/webnlg.h"

namespace hiddenkey {
namespace {

std::vector<std::string> lower_mteval_tokens(std::string_view text) { return mteval_tokens(text, Casing::kLower); }

Metric e2e_bleu(const std::vector<TokenSegment>& corpus) { return bleu(corpus, ZeroMatches::kTiny); }

Metric webnlg_ter(const std::vector<Segment>& segments) { return mean_ter(with_fewer_references(segments)); }

TextMetric on_tokens(const Tokenize& tokenize, Metric (*prepare)(const std::vector<TokenSegment>&)) {
  return [memory = std::make_shared<TokenMemory>(tokenize), prepare](const std::vector<Segment>& segments) {
    return prepare(memory->corpus(segments));
  };
}

}  // namespace

TextMetric text_metric(const std::string& task, const std::string& name) {
  if (task == "webnlg") {
    if (name == "BLEU") return multi_bleu_detok;
    if (name == "TER") return webnlg_ter;
    if (name == "corpus TER") return corpus_ter;
    if (name == "chrF++") return chrf_plus_plus;
    return {};
  }
  if (name == "BLEU") return on_tokens(lower_mteval_tokens, e2e_bleu);
  if (name == "NIST") return on_tokens(lower_mteval_tokens, nist);
  if (name == "ROUGE-L") return on_tokens(ptb_words, rouge_l);
  if (name == "CIDEr") return on_tokens(ptb_words, cider_d);
  return {};
}

}  // namespace hiddenkey
