#pragma once

#include "config/fields.h"
#include "data/task.h"
#include "settings/config_values.h"
#include "settings/run_config.h"

// The keys of the section `task`.

namespace hiddenkey {

inline OtherNames names_of_tasks_elsewhere() {
  return {{"sst", "sst2"},
          {"sts", "stsb"},
          {"sts-b", "stsb"},
          {"mnli-mm", "mnli"},
          {"mnli_matched", "mnli"},
          {"e2e_nlg", "e2e"},
          {"web_nlg", "webnlg"},
          {"seq_cls", "classification"},
          {"text-classification", "classification"},
          {"text_classification", "classification"},
          {"sequence_classification", "classification"},
          {"single_label_classification", "classification"},
          {"sentiment", "classification"},
          {"nli", "classification"},
          {"multilabel", "multi_label_classification"},
          {"multi_label", "multi_label_classification"},
          {"multilabel_classification", "multi_label_classification"},
          {"ner", "token_classification"},
          {"pos", "token_classification"},
          {"chunking", "token_classification"},
          {"token_cls", "token_classification"},
          {"token-classification", "token_classification"},
          {"causal_lm", "generation"},
          {"text-generation", "generation"},
          {"text_generation", "generation"},
          {"language_modeling", "generation"},
          {"sft", "generation"},
          {"lm", "generation"}};
}

/// The files of a task of one's own, and what stands where in them.
template <class Visitor>
void visit_own_files(Visitor& visit, TaskConfig& c) {
  visit(Field{.name = "train",
              .help = "training file of a task of one's own",
              .is_path = true,
              .examples = {R"("train.tsv")", R"("train.jsonl")"}},
        c.train);
  visit(Field{.name = "validation", .help = "validation file of a task of one's own", .is_path = true}, c.validation);
  visit(Field{.name = "test", .help = "test file of a task of one's own", .is_path = true}, c.test);
  visit(
      Field{
          .name = "format",
          .help =
              "format of these files; empty: by their names (a token_classification's are CoNLL unless JSONL); of e2e: "
              "csv, or lora for its pre-tokenised files",
          .choices = {"", "tsv", "csv", "jsonl", "conll", "lora"}},
      c.format);
  visit(
      Field{
          .name = "text_columns",
          .help =
              "one column, or two for a pair; of generation the prompt's and the completion's; of token_classification "
              "that with the list of words in JSONL",
          .examples = {R"(["sentence"])", R"(["premise", "hypothesis"])"}},
      c.text_columns);
  visit(Field{"label_column", "column of the label, score, list of labels or list of tags"}, c.label_column);
  visit(Field{.name = "labels",
              .help = "class names in the order of the outputs; empty: those of the training file, sorted",
              .takes_scalars = true,
              .examples = {R"(["negative", "positive"])"}},
        c.labels);
}

template <class Visitor>
void visit_holdout(Visitor& visit, TaskConfig& c) {
  visit(Field{.name = "validation_split",
              .help = "share of the training file that is held out as the dev split, stratified, instead of a file",
              .limits = {.min = 0, .max = 1, .min_included = false, .max_included = false},
              .examples = {"0.1"}},
        c.validation_split);
  visit(Field{.name = "folds",
              .help = "cross-validation: the training file is dealt into so many parts, stratified, and one of them is "
                      "the dev split",
              .limits = at_least(2)},
        c.folds);
  visit(Field{.name = "fold", .help = "which of the folds is the dev split, counted from 1", .limits = at_least(1)},
        c.fold);
  visit(Field{"split_seed", "decides which examples are held out; training.seed has no part in it"}, c.split_seed);
}

template <class Visitor>
void visit_fields(Visitor& visit, TaskConfig& c) {
  visit(Field{.name = "name",
              .help = "a task of GLUE, e2e or webnlg; for files of one's own classification, "
                      "multi_label_classification, token_classification, regression or generation",
              .choices = known_tasks(),
              .elsewhere = names_of_tasks_elsewhere()},
        c.name);
  visit(Field{.name = "data_dir",
              .help = "folder with the original files of a GLUE task, e2e or webnlg",
              .is_path = true,
              .examples = {R"("glue/RTE")"}},
        c.data_dir);
  visit_own_files(visit, c);
  visit_holdout(visit, c);
}

}  // namespace hiddenkey
