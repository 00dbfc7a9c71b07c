#pragma once

#include <utility>

#include "config/codec.h"
#include "config/fields.h"
#include "data/task.h"
#include "settings/config_values.h"
#include "settings/run_config.h"

// The one list of the config's keys: names, help, bounds. Parsing, printing and the schema all visit it.

namespace hiddenkey {

template <class Visitor>
void visit_fields(Visitor& visit, ModelConfig& c) {
  visit(Field{.name = "path",
              .help = "folder or GGUF file of the pretrained model",
              .is_path = true,
              .required = true,
              .examples = {R"("models/roberta-large")", R"("models/smollm2.gguf")"}},
        c.path);
  visit(
      Field{
          .name = "dtype",
          .help =
              "type of the frozen base; auto is bfloat16 on a GPU that computes in it, else float32; adapters and head "
              "stay float32",
          .elsewhere = {{"bf16", "bfloat16"},
                        {"fp32", "float32"},
                        {"f32", "float32"},
                        {"float", "float32"},
                        {"torch.bfloat16", "bfloat16"},
                        {"torch.float32", "float32"},
                        {"fp16", "bfloat16"},
                        {"float16", "bfloat16"},
                        {"half", "bfloat16"}}},
      c.dtype);
}

template <class Visitor>
void visit_fields(Visitor& visit, TaskConfig& c) {
  visit(Field{.name = "name",
              .help = "a task of GLUE, e2e or webnlg; for files of one's own classification, "
                      "multi_label_classification, token_classification, regression or generation",
              .choices = known_tasks(),
              .elsewhere = {{"sst", "sst2"},
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
                            {"lm", "generation"}}},
        c.name);
  visit(Field{.name = "data_dir",
              .help = "folder with the original files of a GLUE task, e2e or webnlg",
              .is_path = true,
              .examples = {R"("glue/RTE")"}},
        c.data_dir);
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
void visit_fields(Visitor& visit, LoraConfig& c) {
  TargetModules targets{c.target_modules, c.target_regex};
  visit(Field{.name = "r", .help = "rank", .limits = between(1, 4096)}, c.r);
  visit(Field{.name = "alpha", .help = "the update is scaled by alpha / r", .limits = above(0)}, c.alpha);
  visit(
      Field{.name = "target_modules",
            .help = "names or suffixes of linear layers, a regex as one text, all-linear, or auto: what PEFT takes for "
                    "the family",
            .examples = {R"("auto")", R"(["query", "value"])", R"(["q_proj", "v_proj"])", R"("all-linear")"}},
      targets);
  visit(Field{.name = "layers_to_transform",
              .help = "the layers, from 0, in which names of target_modules find modules; empty: all",
              .limits = at_least(0),
              .examples = {"[0, 1]"}},
        c.layers_to_transform);
  visit(Field{.name = "rank_pattern",
              .help = "ranks of single modules, by names, ends of names or regexes: the first that fits counts",
              .limits = between(1, 4096),
              .examples = {R"({"layer.0.attention.self.query": 16})"}},
        c.rank_pattern);
  visit(Field{.name = "alpha_pattern", .help = "likewise, alphas of single modules", .limits = above(0)},
        c.alpha_pattern);
  visit(Field{.name = "dropout", .help = "rate on the adapters' own input", .limits = rate()}, c.dropout);
  visit(Field{"use_rslora", "scale by alpha / sqrt(r) instead"}, c.use_rslora);
  visit(Field{"use_dora", "DoRA: adapters turn the rows of a weight, whose lengths are trained apart"}, c.use_dora);
  visit(Field{"modules_to_save", "modules to train and save whole, beside the task head"}, c.modules_to_save);
}

template <class Visitor>
void visit_fields(Visitor& visit, LogitsDropout& c) {
  visit(Field{.name = "rate", .help = "drop rate", .limits = rate()}, c.rate);
  visit(Field{"pattern", "what is dropped together"}, c.pattern);
}

template <class Visitor>
void visit_fields(Visitor& visit, WeightsDropout& c) {
  visit(Field{.name = "rate", .help = "drop rate", .limits = rate()}, c.rate);
  visit(Field{"pattern", "what is dropped together"}, c.pattern);
  visit(Field{"grad_through_norm", "let the gradient through the renormalisation, which makes it DropKey"},
        c.grad_through_norm);
}

template <class Visitor>
void visit_fields(Visitor& visit, HiddenDropout& c) {
  visit(Field{.name = "rate", .help = "drop rate", .limits = rate()}, c.rate);
  visit(Field{"pattern", "what is dropped together"}, c.pattern);
  visit(Field{"site", "after the activation, or on the FFN's output"}, c.site);
}

template <class Visitor>
void visit_fields(Visitor& visit, PlainDropout& c) {
  visit(Field{.name = "rate", .help = "drop rate", .limits = rate()}, c.rate);
  visit(Field{"pattern", "what is dropped together"}, c.pattern);
}

template <class Visitor>
void visit_fields(Visitor& visit, DropoutConfig& c) {
  LayerChoice layers{c.layers};
  visit(Field{.name = "scheme",
              .help = "a named scheme sets which positions are on; custom takes the rates as they are",
              .elsewhere = {{"drop_key", "dropkey"},
                            {"drop-key", "dropkey"},
                            {"hidden_cut", "hiddencut"},
                            {"cutoff", "hiddencut"},
                            {"drop_attention", "dropattention"},
                            {"off", "none"},
                            {"false", "none"},
                            {"lora", "none"},
                            {"hidden_key", "hiddenkey"},
                            {"hiddenkey_minus", "hiddenkey-"}}},
        c.scheme);
  visit(Field{"logits", "attention logits (DropKey)"}, c.logits);
  visit(Field{"weights", "attention weights (DropAttention)"}, c.weights);
  visit(Field{"hidden", "FFN hidden representation (HiddenCut)"}, c.hidden);
  visit(Field{"input", "embedding output"}, c.input);
  visit(Field{"output", "representation that enters the task head"}, c.output);
  visit(Field{"layers", "auto (encoders: all, decoders: latter_half), all, latter_half, or a list such as [0-5, 8]"},
        layers);
  visit(Field{.name = "pretrained", .help = "replaces the checkpoint's own dropout probabilities", .limits = rate()},
        c.pretrained);
}

template <class Visitor>
void visit_fields(Visitor& visit, ConsistencyConfig& c) {
  visit(Field{.name = "loss",
              .help = "between two passes with different masks; default kl for hiddenkey, else none",
              .elsewhere = {{"r-drop", "kl"}, {"rdrop", "kl"}, {"kl_div", "kl"}, {"jsd", "js"}, {"false", "none"}}},
        c.loss);
  visit(Field{.name = "weight", .help = "factor of the consistency loss", .limits = at_least(0)}, c.weight);
  visit(Field{"backward", "one: the gradient of the first pass alone; both: of both, with the mean of their losses"},
        c.backward);
  visit(Field{"passes", "batched: both at once as a batch of 2B; sequential: one after the other"}, c.passes);
}

template <class Visitor>
void visit_fields(Visitor& visit, TrainingConfig& c) {
  visit(Field{.name = "epochs", .help = "passes over the training data", .limits = above(0)}, c.epochs);
  visit(Field{.name = "max_steps", .help = "optimizer steps, instead of epochs", .limits = at_least(1)}, c.max_steps);
  visit(Field{.name = "batch_size", .help = "sequences of a micro-batch", .limits = between(1, 65536)}, c.batch_size);
  visit(Field{.name = "gradient_accumulation", .help = "micro-batches of a step", .limits = between(1, 65536)},
        c.gradient_accumulation);
  visit(
      Field{.name = "max_length", .help = "tokens of a sequence, special ones included", .limits = between(3, 1 << 20)},
      c.max_length);
  visit(Field{.name = "learning_rate", .help = "the schedule's peak", .limits = above(0)}, c.learning_rate);
  visit(Field{.name = "schedule",
              .help = "of the learning rate after the warm-up",
              .elsewhere = {{"constant_with_warmup", "constant"},
                            {"cosine_with_restarts", "cosine"},
                            {"cosine_annealing", "cosine"},
                            {"polynomial", "linear"},
                            {"none", "constant"}}},
        c.schedule);
  visit(Field{.name = "warmup_ratio", .help = "share of all steps", .limits = between(0, 1)}, c.warmup_ratio);
  visit(Field{.name = "warmup_steps", .help = "instead of warmup_ratio", .limits = at_least(0)}, c.warmup_steps);
  visit(Field{.name = "weight_decay", .help = "AdamW's", .limits = at_least(0)}, c.weight_decay);
  visit(Field{.name = "betas", .help = "AdamW's", .limits = rate(), .length = 2}, c.betas);
  visit(Field{.name = "epsilon", .help = "AdamW's", .limits = above(0)}, c.epsilon);
  visit(Field{.name = "max_grad_norm", .help = "the gradient is clipped to it; 0: never", .limits = at_least(0)},
        c.max_grad_norm);
  visit(Field{.name = "label_smoothing", .help = "share of the target that is spread evenly", .limits = rate()},
        c.label_smoothing);
  visit(Field{"class_weights",
              "how much each label counts in the loss: auto (rare ones more: examples / (classes * examples of the "
              "class), and of several labels an example those without the label / those with it), or {label: weight}"},
        c.class_weights);
  visit(Field{.name = "seed", .help = "of masks, data order and initialisation", .limits = at_least(0)}, c.seed);
  visit(Field{.name = "limit",
              .help = "training examples, from the beginning of the file, for small tries; 0: all",
              .limits = at_least(0)},
        c.limit);
  visit(Field{"length_grouping", "put sequences of like length into a batch"}, c.length_grouping);
  visit(Field{"activation_checkpointing", "recompute each layer in the backward pass: less memory, more time"},
        c.activation_checkpointing);
  visit(Field{.name = "device",
              .help = "where training runs; auto: a GPU where there is one",
              .choices = {"auto", "cpu", "cuda"},
              .form = {"cuda:[0-9]{1,2}", "cuda:N"},
              .elsewhere = {{"gpu", "cuda"}, {"mps", "cpu"}}},
        c.device);
  visit(Field{.name = "matmul",
              .help = "how a GPU multiplies float32 matrices: exactly, or faster with TF32's 10 bits behind the point",
              .elsewhere = {{"highest", "float32"}, {"high", "tf32"}, {"medium", "tf32"}, {"true", "tf32"}}},
        c.matmul);
}

template <class Visitor>
void visit_fields(Visitor& visit, EvaluationConfig& c) {
  visit(Field{"every", "epoch, never, or a number of steps"}, c.every);
  visit(Field{.name = "metric",
              .help = "chooses the best; auto: the task's own",
              .choices = metric_choices(),
              .elsewhere = {{"acc", "accuracy"},
                            {"eval_accuracy", "accuracy"},
                            {"eval_loss", "loss"},
                            {"val_loss", "loss"},
                            {"eval_f1", "f1"},
                            {"f1_score", "f1"},
                            {"eval_f1_macro", "f1_macro"},
                            {"eval_f1_micro", "f1_micro"},
                            {"eval_f1_weighted", "f1_weighted"},
                            {"macro_f1", "f1_macro"},
                            {"micro_f1", "f1_micro"},
                            {"weighted_f1", "f1_weighted"},
                            {"overall_f1", "f1"},
                            {"eval_precision", "precision"},
                            {"eval_recall", "recall"},
                            {"balanced_accuracy_score", "balanced_accuracy"},
                            {"auc", "roc_auc"},
                            {"auroc", "roc_auc"},
                            {"roc_auc_score", "roc_auc"},
                            {"roc_auc_ovr", "roc_auc"},
                            {"average_precision_score", "average_precision"},
                            {"mcc", "matthews"},
                            {"matthews_correlation", "matthews"},
                            {"matthews_corrcoef", "matthews"},
                            {"pearsonr", "pearson"},
                            {"spearmanr", "spearman"},
                            {"ppl", "perplexity"},
                            {"mean_squared_error", "mse"}}},
        c.metric);
  visit(Field{"keep_best", "save the best adapter instead of the last"}, c.keep_best);
  visit(Field{.name = "patience",
              .help = "stop after so many evaluations without a better one; 0: never",
              .limits = at_least(0)},
        c.patience);
  visit(Field{.name = "batch_size", .help = "sequences of an evaluation batch", .limits = between(1, 65536)},
        c.batch_size);
  visit(Field{.name = "limit",
              .help = "examples of a split, from its beginning, for small tries; 0: all",
              .limits = at_least(0)},
        c.limit);
}

/// Keys that are not given are as the model's generation_config.json says, then as the help does.
template <class Visitor>
void visit_fields(Visitor& visit, SearchSettings& c) {
  visit(Field{.name = "max_new_tokens",
              .help = "the most tokens of a text; not given: as the model's generation_config.json says (as for all "
                      "keys of the search), or 128",
              .limits = between(1, 1 << 20)},
        c.max_new_tokens);
  visit(Field{.name = "min_new_tokens", .help = "a text does not end before; or 0", .limits = between(0, 1 << 20)},
        c.min_new_tokens);
  visit(Field{.name = "num_beams", .help = "above 1: beam search; or 1", .limits = between(1, 1024)}, c.num_beams);
  visit(Field{"length_penalty", "power of a beam's length that its score is divided by; or 1"}, c.length_penalty);
  visit(Field{.name = "no_repeat_ngram_size",
              .help = "no run of so many tokens stands twice; or 0: any may",
              .limits = between(0, 1024)},
        c.no_repeat_ngram_size);
  visit(Field{"repetition_penalty", "above 1 makes tokens that have occurred less likely; or 1"}, c.repetition_penalty);
  visit(Field{"early_stopping", "stop at num_beams finished texts, though a better one might follow; or false"},
        c.early_stopping);
  visit(Field{"do_sample", "draw tokens instead of taking the likeliest; or false"}, c.do_sample);
  visit(Field{"temperature", "divides the logits of sampling; or 1"}, c.temperature);
  visit(Field{.name = "top_k", .help = "sample among the k likeliest tokens; 0: all; or 50", .limits = at_least(0)},
        c.top_k);
  visit(Field{"top_p", "sample among the likeliest tokens that together have this probability; or 1"}, c.top_p);
  visit(Field{.name = "seed", .help = "of sampling; or 42", .limits = at_least(0)}, c.seed);
  visit(Field{"stop", "texts that end a text, which is cut before them; or none"}, c.stop);
}

template <class Visitor>
void visit_fields(Visitor& visit, GenerationConfig& c) {
  visit(Field{"every", "when the text of a dev split is measured: end, never, or a number of epochs"}, c.every);
  visit(Field{.name = "limit", .help = "prompts of a split, from its beginning; 0: all", .limits = at_least(0)},
        c.limit);
  visit(Field{.name = "batch_size", .help = "prompts of a batch", .limits = between(1, 65536)}, c.batch_size);
  visit_fields(visit, c.search);
  visit(Field{.name = "meteor_data",
              .help = "METEOR's table of paraphrases, its data/paraphrase-en.gz; without one METEOR does without",
              .is_path = true},
        c.meteor_data);
}

template <class Visitor>
void visit_fields(Visitor& visit, CheckpointConfig& c) {
  visit(Field{"every", "epoch, never, or a number of steps"}, c.every);
  visit(Field{.name = "keep", .help = "checkpoints that stay", .limits = between(1, 1000)}, c.keep);
}

template <class Visitor>
void visit_fields(Visitor& visit, LoggingConfig& c) {
  visit(Field{.name = "every", .help = "steps between two lines of metrics.jsonl", .limits = at_least(1)}, c.every);
  visit(Field{"tensorboard", "write event files as well"}, c.tensorboard);
}

template <class Visitor>
void visit_fields(Visitor& visit, RunConfig& c) {
  visit(Field{"model", "the pretrained model"}, c.model);
  visit(Field{.name = "task", .help = "the data and what is asked of it", .required = true}, c.task);
  visit(Field{"method", "lora: adapters and head; full: everything"}, c.method);
  visit(Field{"lora", "the adapters"}, c.lora);
  visit(Field{"dropout", "position, pattern and rate"}, c.dropout);
  visit(Field{"consistency", "the loss between two passes"}, c.consistency);
  visit(Field{"training", "the optimizer and its data order"}, c.training);
  visit(Field{"evaluation", "when, and by what"}, c.evaluation);
  visit(Field{"generation", "how the text of a generation task is made and measured"}, c.generation);
  visit(Field{"checkpoint", "when, and how many"}, c.checkpoint);
  visit(Field{"logging", "metrics.jsonl and TensorBoard"}, c.logging);
  visit(Field{.name = "output_dir",
              .help = "folder of the run",
              .is_path = true,
              .required = true,
              .examples = {R"("runs/rte")"}},
        c.output_dir);
}

}  // namespace hiddenkey
