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
#include "run/open_run.h"
#include "score/show_report.h"
#include "task/load_dataset.h"
#include "task/text_metrics.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

/// Names and values; of a generation those of its texts as well.
struct Report {
  std::vector<std::pair<std::string, Json>> head;
  MetricValues metrics;
  std::vector<std::string> notes;
  MetricValues more;  ///< beside the task's own metrics
  std::optional<ClassReport> classes;
};

std::string metric_number(double value) {
  char number[64];
  std::snprintf(number, sizeof number, "%.6f", value);
  return number;
}

std::string lines_of(const std::vector<std::pair<std::string, std::string>>& lines) {
  std::size_t width = 9;
  for (const auto& [name, value] : lines) width = std::max(width, name.size());
  std::string text;
  for (const auto& [name, value] : lines) text += cat(name, std::string(width + 1 - name.size(), ' '), value, "\n");
  return text;
}

/// Averages stand in the table of classes.
bool is_in_table(const std::string& metric) {
  const std::vector<std::string> names = averaged_metric_names();
  return std::find(names.begin(), names.end(), metric) != names.end();
}

/// What stands behind the task's own metrics.
std::string further_metrics(const Report& report) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& [name, value] : report.more) {
    if (!report.classes || !is_in_table(name)) lines.emplace_back(name, metric_number(value));
  }
  if (report.classes) {
    const Baseline& baseline = report.classes->baseline;
    lines.emplace_back("baseline", cat(metric_number(baseline.accuracy), " (", describe_baseline(baseline), ")"));
  }
  if (lines.empty()) return "";
  return cat("\n", lines_of(lines), report.classes ? "\n" + report_text(*report.classes) : "");
}

std::string table(const Report& report) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& [name, value] : report.head)
    lines.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  for (const auto& [name, value] : report.metrics) lines.emplace_back(name, metric_number(value));
  std::string text = lines_of(lines);
  for (const std::string& note : report.notes) text += note + "\n";
  return text + further_metrics(report);
}

Json to_json(const Report& report) {
  Json json;
  for (const auto& [name, value] : report.head) json[name] = value;
  json.update(values_json(report.metrics));
  if (!report.notes.empty()) json["notes"] = report.notes;
  if (!report.more.empty()) json["more"] = values_json(report.more);
  if (report.classes) json.update(report_json(*report.classes));
  return json;
}

/// Makes text for the split's prompts and adds what it is worth.
void add_text_metrics(const EvalOptions& options, const LoadedRun& run, bool quiet, Report& report) {
  const std::vector<GenerationItem> items = load_prompts(run.config, options.split);
  watch_stop_signals();
  const GenerationSetup setup = generation_setup(run.config, run.base->small(), *run.tokenizer, /*trained=*/true);
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

/// Why some metrics have no value; empty where all have one.
std::string undefined_note(const Report& report) {
  std::vector<std::string> names, absent;
  for (const auto& [name, value] : report.more) {
    if (std::isnan(value)) names.push_back(name);
  }
  if (names.empty() || !report.classes) return "";
  for (const ReportRow& row : report.classes->rows) {
    if (row.support == 0) absent.push_back(row.name);
  }
  constexpr std::size_t kShown = 5;
  if (absent.size() > kShown) absent.resize(kShown);
  return cat(join(names, ", "), names.size() == 1 ? " has" : " have", " no value: ",
             absent.empty() ? "the split has examples of one kind alone"
                            : cat("the split has no example of ", join(absent, ", ")));
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
  LoadedRun run = open_run(options.request, Purpose::kMeasure);
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
  report.more = evaluation.more;
  report.classes = run.task->report(dataset, evaluation.logits);
  if (const std::string note = undefined_note(report); !note.empty()) report.notes.push_back(note);
  if (generation) {
    if (!options.no_text) add_text_metrics(options, run, common.quiet, report);
  } else if (!options.predictions.empty()) {
    write_dev_predictions(options.predictions, run.task->predictions(dataset, evaluation.logits));
  }
  print(common.json ? to_json(report).dump(2) + "\n" : table(report));
  return 0;
}

}  // namespace hiddenkey
