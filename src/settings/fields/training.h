#pragma once

#include "config/fields.h"
#include "settings/config_values.h"
#include "settings/run_config.h"

// The keys of the section `training`.

namespace hiddenkey {

template <class Visitor>
void visit_optimizer(Visitor& visit, TrainingConfig& c) {
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
  visit_optimizer(visit, c);
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

}  // namespace hiddenkey
