#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands/commands.h"
#include "commands/evaluate_run.h"
#include "commands/output_file.h"
#include "core/error.h"
#include "core/log.h"
#include "core/progress.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "data/class_counts.h"
#include "data/reader.h"
#include "run/generation_setup.h"
#include "run/load_run.h"
#include "task/load_dataset.h"
#include "task/text_metrics.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

/// Names and values; of a generation those of its texts as well.
struct Report {
  std::vector<std::pair<std::string, Json>> head;
  std::vector<std::pair<std::string, double>> metrics;
  std::vector<std::string> notes;
};

std::string table(const Report& report) {
  std::size_t width = 9;
  for (const auto& [name, value] : report.metrics) width = std::max(width, name.size());
  std::string text;
  const auto add = [&](const std::string& name, const std::string& value) {
    text += cat(name, std::string(width + 1 - std::min(width, name.size()), ' '), value, "\n");
  };
  for (const auto& [name, value] : report.head) add(name, value.is_string() ? value.get<std::string>() : value.dump());
  for (const auto& [name, value] : report.metrics) {
    char number[64];
    std::snprintf(number, sizeof number, "%.6f", value);
    add(name, number);
  }
  for (const std::string& note : report.notes) text += note + "\n";
  return text;
}

Json to_json(const Report& report) {
  Json json;
  for (const auto& [name, value] : report.head) json[name] = value;
  for (const auto& [name, value] : report.metrics) json[name] = std::isfinite(value) ? Json(value) : Json();
  if (!report.notes.empty()) json["notes"] = report.notes;
  return json;
}

/// Makes text for the split's prompts and adds what it is worth.
void add_text_metrics(const EvalOptions& options, const LoadedRun& run, bool quiet, Report& report) {
  const std::vector<GenerationItem> items = load_prompts(run.config, options.split);
  watch_stop_signals();
  const GenerationSetup setup = generation_setup(run.config, run.model->folder, *run.tokenizer, /*trained=*/true);
  if (!setup.taken.empty()) log::info(setup.taken);
  const Generator generator(run.model->network, *run.tokenizer, setup.options, setup.end_ids);
  Progress progress(static_cast<int64_t>(items.size()), quiet);
  TextEvaluationOptions how = text_options(run.config);
  how.watch.progress = progress.reporter("texts");
  const TextEvaluation text = evaluate_text(generator, *run.tokenizer, items, how);
  report.head.emplace_back("prompts", items.size());
  report.metrics.insert(report.metrics.end(), text.metrics.begin(), text.metrics.end());
  report.notes = text.notes;
  if (!options.predictions.empty()) write_generations(options.predictions, items, text);
}

/// What a figure alone does not tell.
std::vector<std::string> metric_notes(const TaskInfo& task) {
  std::vector<std::string> notes;
  for (const std::string& metric : task.metrics) {
    if (is_macro(task, metric))
      notes.push_back(cat(metric, " is macro: the mean over the classes, each counting alike"));
  }
  return notes;
}

}  // namespace

int run_eval(const EvalOptions& options, const CommonOptions& common) {
  if (!options.predictions.empty()) require_writable(options.predictions);
  LoadedRun run = load_run(options.request);
  const bool generation = !run.task->predicts();
  if (options.no_text && !generation) throw ConfigError(cat("--no-text: ", run.task->info.name, " makes no text"));
  if (generation && !options.no_text) require_text_metrics(run.config.generation.meteor_data);
  const Dataset dataset = load_dataset(run.config.task, *run.task, options.split, *run.tokenizer,
                                       run.config.training.max_length, run.config.evaluation.limit);
  const Evaluation evaluation = evaluate_run(run, dataset, common.quiet);
  if (evaluation.metrics.empty())
    throw DataError(cat("the split ", options.split,
                        " has no labels, so there is nothing to measure; `hiddenkey predict` labels it"));
  Report report;
  report.head = {{"split", options.split}, {"examples", dataset.examples.size()}};
  if (dataset.left_out > 0) report.head.emplace_back("left out", dataset.left_out);
  report.metrics = {{"loss", evaluation.loss}};
  report.notes = metric_notes(run.task->info);
  report.metrics.insert(report.metrics.end(), evaluation.metrics.begin(), evaluation.metrics.end());
  if (generation) {
    if (!options.no_text) add_text_metrics(options, run, common.quiet, report);
  } else if (!options.predictions.empty()) {
    write_dev_predictions(options.predictions, run.task->predictions(dataset, evaluation.logits));
  }
  print(common.json ? to_json(report).dump(2) + "\n" : table(report));
  return 0;
}

}  // namespace hiddenkey
