#include "model/families/bert.h"
#include "model/families/families.h"
#include "model/families/shared.h"

namespace hiddenkey {
namespace {

/// Of the head for multiple choice.
constexpr const char* kElectraChangesNothing[] = {"summary_type",           "summary_use_proj",
                                                  "summary_activation",     "summary_last_dropout",
                                                  "summary_proj_to_labels", "summary_first_dropout"};

Architecture read_electra(const ConfigFields& fields, const Family& family) {
  fields.change_nothing(kElectraChangesNothing);
  Architecture a = read_bert_fields(fields, family, 0);
  a.embedding_size = fields.count("embedding_size", 128);
  a.head_activation = Activation::kGelu;
  check_size(a, fields, a.max_positions);
  return a;
}

constexpr ModuleName kElectraOutside[] = {
    kBertOutside[0], kBertOutside[1], kBertOutside[2], kBertOutside[3], {"embeddings.project", "embeddings_project"}};
constexpr const char* kElectraTrained[] = {"classifier"};
constexpr const char* kElectraOtherHeads[] = {"generator_predictions.", "generator_lm_head."};

}  // namespace

const Family kElectra = {
    .name = "electra",
    .class_prefix = "Electra",
    .read = read_electra,
    .prefix = "electra.",
    .layer_prefix = "encoder.layer.",
    .outside = kElectraOutside,
    .layer = kBertLayer,
    .head = {.dense = {"head.dense", "classifier.dense"},
             .output = {"head.out_proj", "classifier.out_proj"},
             .drops_input = true,
             .trained = kElectraTrained},
    .token_head = kTokenClassifier,
    .classes = {.classify = "ElectraForSequenceClassification", .tokens = "ElectraForTokenClassification"},
    .other_heads = kElectraOtherHeads,
    .lora_targets = kBertTargets,
    .rates = kEncoderRates,
    .tokenizer = "BertTokenizer",
};

}  // namespace hiddenkey
