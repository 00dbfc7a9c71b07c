#pragma once

#include "config/fields.h"
#include "settings/config_values.h"
#include "settings/run_config.h"

// The keys of the sections `evaluation`, `checkpoint` and `logging`.

namespace hiddenkey {

inline OtherNames names_of_metrics_elsewhere() {
  return {{"acc", "accuracy"},
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
          {"mean_squared_error", "mse"}};
}

template <class Visitor>
void visit_fields(Visitor& visit, EvaluationConfig& c) {
  visit(Field{"every", "epoch, never, or a number of steps"}, c.every);
  visit(Field{.name = "metric",
              .help = "chooses the best; auto: the task's own",
              .choices = metric_choices(),
              .elsewhere = names_of_metrics_elsewhere()},
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

}  // namespace hiddenkey
