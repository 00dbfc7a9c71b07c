#pragma once

#include "config/fields.h"
#include "settings/fields/dropout.h"
#include "settings/fields/evaluation.h"
#include "settings/fields/generation.h"
#include "settings/fields/lora.h"
#include "settings/fields/model.h"
#include "settings/fields/task.h"
#include "settings/fields/training.h"
#include "settings/run_config.h"

// The one list of the config's keys: names, help, bounds. Parsing, printing and the schema all visit it. Each section's
// keys are a file of settings/fields/; this one lists the sections.

namespace hiddenkey {

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
