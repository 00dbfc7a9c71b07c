#include "model/families/bert.h"
#include "model/families/families.h"
#include "model/families/shared.h"

namespace hiddenkey {

void offset_positions(Architecture& a, const ConfigFields& fields) {
  if (a.pad_id < 0) fields.fail("pad_token_id", "is null, but RoBERTa counts positions from it");
  a.position_offset = a.pad_id + 1;
  a.max_positions -= a.position_offset;
  if (a.max_positions < 1) fields.fail("max_position_embeddings", "leaves no position beside the padding offset");
}

namespace {

Architecture read_roberta(const ConfigFields& fields, const Family& family) {
  Architecture a = read_bert_fields(fields, family, 1);
  fields.require("embedding_size", a.hidden_size);
  check_size(a, fields, a.max_positions);
  offset_positions(a, fields);
  return a;
}

constexpr ModuleName kRobertaDense = {"head.dense", "classifier.dense"};
constexpr ModuleName kRobertaOutput = {"head.out_proj", "classifier.out_proj"};
constexpr const char* kRobertaTrained[] = {"classifier"};

constexpr Family roberta_like(const char* name, const char* class_prefix, const char* tokenizer, ModelClasses classes) {
  return {
      .name = name,
      .class_prefix = class_prefix,
      .read = read_roberta,
      .prefix = "roberta.",
      .layer_prefix = "encoder.layer.",
      .outside = kBertOutside,
      .layer = kBertLayer,
      .head = {.dense = kRobertaDense, .output = kRobertaOutput, .drops_input = true, .trained = kRobertaTrained},
      .token_head = kTokenClassifier,
      .classes = classes,
      .lora_targets = kBertTargets,
      .rates = kEncoderRates,
      .tokenizer = tokenizer,
  };
}

}  // namespace

const Family kRoberta =
    roberta_like("roberta", "Roberta", "RobertaTokenizer",
                 {.classify = "RobertaForSequenceClassification", .tokens = "RobertaForTokenClassification"});
const Family kXlmRoberta =
    roberta_like("xlm-roberta", "XLMRoberta", "XLMRobertaTokenizer",
                 {.classify = "XLMRobertaForSequenceClassification", .tokens = "XLMRobertaForTokenClassification"});

}  // namespace hiddenkey
