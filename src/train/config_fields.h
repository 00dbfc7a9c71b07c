#pragma once

#include <utility>

#include "config/codec.h"
#include "config/fields.h"
#include "train/run_config.h"

// The one list of the config's keys: names, help, bounds. Parsing, printing and the schema all visit it.

namespace hiddenkey {

template <>
struct EnumNames<Method> {
  static constexpr std::pair<const char*, Method> kNames[] = {{"lora", Method::kLora}, {"full", Method::kFull}};
};
template <>
struct EnumNames<BaseType> {
  static constexpr std::pair<const char*, BaseType> kNames[] = {{"float32", BaseType::kFloat32},
                                                                {"bfloat16", BaseType::kBFloat16}};
};
template <>
struct EnumNames<ScheduleKind> {
  static constexpr std::pair<const char*, ScheduleKind> kNames[] = {
      {"linear", ScheduleKind::kLinear}, {"cosine", ScheduleKind::kCosine}, {"constant", ScheduleKind::kConstant}};
};
template <>
struct EnumNames<Pattern> {
  static constexpr std::pair<const char*, Pattern> kNames[] = {
      {"element", Pattern::kElement}, {"column", Pattern::kColumn}, {"span", Pattern::kSpan}};
};
template <>
struct EnumNames<HiddenSite> {
  static constexpr std::pair<const char*, HiddenSite> kNames[] = {{"activation", HiddenSite::kActivation},
                                                                  {"ffn_output", HiddenSite::kFfnOutput}};
};
template <>
struct EnumNames<Scheme> {
  static constexpr std::pair<const char*, Scheme> kNames[] = {{"none", Scheme::kNone},
                                                              {"dropkey", Scheme::kDropKey},
                                                              {"dropattention", Scheme::kDropAttention},
                                                              {"hiddencut", Scheme::kHiddenCut},
                                                              {"hiddenkey-", Scheme::kHiddenKeyMinus},
                                                              {"hiddenkey", Scheme::kHiddenKey},
                                                              {"custom", Scheme::kCustom}};
};
template <>
struct EnumNames<ConsistencyLoss> {
  static constexpr std::pair<const char*, ConsistencyLoss> kNames[] = {
      {"none", ConsistencyLoss::kNone}, {"kl", ConsistencyLoss::kKl}, {"js", ConsistencyLoss::kJs}};
};
template <>
struct EnumNames<ConsistencyBackward> {
  static constexpr std::pair<const char*, ConsistencyBackward> kNames[] = {{"one", ConsistencyBackward::kOne},
                                                                           {"both", ConsistencyBackward::kBoth}};
};
template <>
struct EnumNames<ConsistencyPasses> {
  static constexpr std::pair<const char*, ConsistencyPasses> kNames[] = {
      {"auto", ConsistencyPasses::kAuto},
      {"batched", ConsistencyPasses::kBatched},
      {"sequential", ConsistencyPasses::kSequential}};
};

/// lora.target_modules: a list of names, one text that is a regex, or auto, which is an empty list.
struct TargetModules {
  std::vector<std::string>& names;
  std::optional<std::string>& regex;
};
template <>
struct Codec<TargetModules> {
  static void read(const Value& value, const Field& field, const std::string& key, TargetModules& target,
                   Problems& problems);
  static OrderedJson to_json(const TargetModules& value);
  static OrderedJson schema(const Field& field);
};

/// dropout.layers: auto, all, latter_half, or a list of layers and ranges; kept as one text.
struct LayerChoice {
  std::string& text;
};
template <>
struct Codec<LayerChoice> {
  static void read(const Value& value, const Field& field, const std::string& key, LayerChoice& target,
                   Problems& problems);
  static OrderedJson to_json(const LayerChoice& value);
  static OrderedJson schema(const Field& field);
};

template <>
struct Codec<Interval> {
  static void read(const Value& value, const Field& field, const std::string& key, Interval& target,
                   Problems& problems);
  static OrderedJson to_json(const Interval& value);
  static OrderedJson schema(const Field& field);
};

template <>
struct Codec<EpochInterval> {
  static void read(const Value& value, const Field& field, const std::string& key, EpochInterval& target,
                   Problems& problems);
  static OrderedJson to_json(const EpochInterval& value);
  static OrderedJson schema(const Field& field);
};

template <class Visitor>
void visit_fields(Visitor& visit, ModelConfig& c) {
  visit(Field{"path", "folder of the pretrained model"}, c.path);
  visit(Field{"dtype", "type of the frozen base; adapters and head stay float32"}, c.dtype);
}

template <class Visitor>
void visit_fields(Visitor& visit, TaskConfig& c) {
  visit(Field{"name",
              "cola sst2 mrpc stsb qqp mnli qnli rte wnli, e2e webnlg, or classification, regression or generation for "
              "files of one's own"},
        c.name);
  visit(Field{"data_dir", "folder with the original files of a GLUE task, e2e or webnlg"}, c.data_dir);
  visit(Field{"train", "training file of a task of one's own"}, c.train);
  visit(Field{"validation", "validation file of a task of one's own"}, c.validation);
  visit(Field{"test", "test file of a task of one's own"}, c.test);
  visit(Field{.name = "format",
              .help = "format of these files; empty: by their names; of e2e: csv, or lora for its pre-tokenised files",
              .choices = {"", "tsv", "csv", "jsonl", "lora"}},
        c.format);
  visit(Field{"text_columns", "one column, or two for a pair; of generation the prompt's and the completion's"},
        c.text_columns);
  visit(Field{"label_column", "column of the label or score"}, c.label_column);
  visit(Field{"labels", "class names in the order of the outputs; empty: those of the training file, sorted"},
        c.labels);
}

template <class Visitor>
void visit_fields(Visitor& visit, LoraConfig& c) {
  TargetModules targets{c.target_modules, c.target_regex};
  visit(Field{.name = "r", .help = "rank", .limits = between(1, 4096)}, c.r);
  visit(Field{.name = "alpha", .help = "the update is scaled by alpha / r", .limits = above(0)}, c.alpha);
  visit(Field{"target_modules",
              "names or suffixes of linear layers, a regex as one text, all-linear, or auto: what PEFT takes for the "
              "family"},
        targets);
  visit(Field{.name = "dropout", .help = "rate on the adapters' own input", .limits = rate()}, c.dropout);
  visit(Field{"use_rslora", "scale by alpha / sqrt(r) instead"}, c.use_rslora);
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
  visit(Field{"scheme", "a named scheme sets which positions are on; custom takes the rates as they are"}, c.scheme);
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
  visit(Field{"loss", "between two passes with different masks; default kl for hiddenkey, else none"}, c.loss);
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
  visit(Field{"schedule", "of the learning rate after the warm-up"}, c.schedule);
  visit(Field{.name = "warmup_ratio", .help = "share of all steps", .limits = between(0, 1)}, c.warmup_ratio);
  visit(Field{.name = "warmup_steps", .help = "instead of warmup_ratio", .limits = at_least(0)}, c.warmup_steps);
  visit(Field{.name = "weight_decay", .help = "AdamW's", .limits = at_least(0)}, c.weight_decay);
  visit(Field{.name = "betas", .help = "AdamW's", .limits = rate(), .length = 2}, c.betas);
  visit(Field{.name = "epsilon", .help = "AdamW's", .limits = above(0)}, c.epsilon);
  visit(Field{.name = "max_grad_norm", .help = "the gradient is clipped to it; 0: never", .limits = at_least(0)},
        c.max_grad_norm);
  visit(Field{.name = "label_smoothing", .help = "share of the target that is spread evenly", .limits = rate()},
        c.label_smoothing);
  visit(Field{.name = "seed", .help = "of masks, data order and initialisation", .limits = at_least(0)}, c.seed);
  visit(Field{"length_grouping", "put sequences of like length into a batch"}, c.length_grouping);
  visit(Field{"activation_checkpointing", "recompute each layer in the backward pass: less memory, more time"},
        c.activation_checkpointing);
  visit(Field{"device", "auto, cpu, cuda or cuda:N"}, c.device);
}

template <class Visitor>
void visit_fields(Visitor& visit, EvaluationConfig& c) {
  visit(Field{"every", "epoch, never, or a number of steps"}, c.every);
  visit(Field{"metric", "chooses the best; auto: the task's own"}, c.metric);
  visit(Field{"keep_best", "save the best adapter instead of the last"}, c.keep_best);
  visit(Field{.name = "patience",
              .help = "stop after so many evaluations without a better one; 0: never",
              .limits = at_least(0)},
        c.patience);
  visit(Field{.name = "batch_size", .help = "sequences of an evaluation batch", .limits = between(1, 65536)},
        c.batch_size);
}

template <class Visitor>
void visit_fields(Visitor& visit, GenerationConfig& c) {
  visit(Field{"every", "when the text of a dev split is measured: end, never, or a number of epochs"}, c.every);
  visit(Field{.name = "limit", .help = "prompts of a split, from its beginning; 0: all", .limits = at_least(0)},
        c.limit);
  visit(Field{.name = "batch_size", .help = "prompts of a batch", .limits = between(1, 65536)}, c.batch_size);
  visit(Field{.name = "max_new_tokens", .help = "tokens of a text", .limits = between(1, 1 << 20)}, c.max_new_tokens);
  visit(Field{.name = "num_beams", .help = "1: greedy search", .limits = between(1, 1024)}, c.num_beams);
  visit(Field{"length_penalty", "power of a beam's length that its score is divided by"}, c.length_penalty);
  visit(Field{.name = "no_repeat_ngram_size",
              .help = "no run of so many tokens stands twice; 0: any may",
              .limits = between(0, 1024)},
        c.no_repeat_ngram_size);
  visit(Field{"early_stopping", "stop at num_beams finished texts, though a better one might follow"},
        c.early_stopping);
  visit(
      Field{"meteor_data", "METEOR's table of paraphrases, its data/paraphrase-en.gz; without one METEOR does without"},
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
  visit(Field{"task", "the data and what is asked of it"}, c.task);
  visit(Field{"method", "lora: adapters and head; full: everything"}, c.method);
  visit(Field{"lora", "the adapters"}, c.lora);
  visit(Field{"dropout", "position, pattern and rate"}, c.dropout);
  visit(Field{"consistency", "the loss between two passes"}, c.consistency);
  visit(Field{"training", "the optimizer and its data order"}, c.training);
  visit(Field{"evaluation", "when, and by what"}, c.evaluation);
  visit(Field{"generation", "how the text of a generation task is made and measured"}, c.generation);
  visit(Field{"checkpoint", "when, and how many"}, c.checkpoint);
  visit(Field{"logging", "metrics.jsonl and TensorBoard"}, c.logging);
  visit(Field{"output_dir", "folder of the run"}, c.output_dir);
}

}  // namespace hiddenkey
