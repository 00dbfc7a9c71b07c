#include <iostream>
#include <iterator>
#include <memory>

#include "commands/commands.h"
#include "commands/evaluate_run.h"
#include "commands/output_file.h"
#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "data/data_file.h"
#include "data/reader.h"
#include "data/task.h"
#include "run/load_run.h"

namespace hiddenkey {
namespace {

/// A text a line where the name ends in .txt; otherwise as tables have it.
TableFormat input_format(const PredictOptions& options) {
  const bool text = options.format == "text" || (options.format.empty() && options.input.ends_with(".txt"));
  return text ? TableFormat::kText : table_format(options.input, options.format);
}

Table read_input(const PredictOptions& options) {
  const bool standard = options.input == "-";
  const std::string bytes =
      standard ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : read_data_file(options.input);
  return parse_table(bytes, standard ? "stdin" : options.input, input_format(options));
}

std::vector<TextExample> read_examples(const PredictOptions& options, const LoadedRun& run) {
  const Table table = read_input(options);
  TaskConfig config = run.config.task;
  if (input_format(options) == TableFormat::kText) {
    if (run.task->info.pair)
      throw ConfigError(cat("--input: ", options.input, " has one text a line, and the task ", run.task->info.name,
                            " takes a pair of texts; give TSV, CSV or JSONL"));
    config.text_columns = table.columns;
  }
  Notes notes;
  std::vector<TextExample> examples = read_inputs(table, config, notes);
  for (const std::string& note : notes) log::warning(cat(table.source, ": ", note));
  return examples;
}

PredictionFormat output_format(const PredictOptions& options, const TaskInfo& task) {
  if (!options.glue) return prediction_format(options.output);
  if (glue_files(task.name) == nullptr) throw ConfigError(cat("--glue: ", task.name, " is no task of the leaderboard"));
  return PredictionFormat::kGlue;
}

}  // namespace

int run_predict(const PredictOptions& options, const CommonOptions& common) {
  require_writable(options.output);
  const LoadedRun run = load_run(options.request);
  if (!run.task->predicts())
    throw ConfigError(
        cat("the task ", run.task->info.name, " generates text and predicts no labels; take `hiddenkey generate`"));
  const PredictionFormat format = output_format(options, run.task->info);
  const std::vector<TextExample> inputs = read_examples(options, run);
  const Dataset dataset = run.task->tokenize(inputs, *run.tokenizer, run.config.training.max_length, "input");
  const Evaluation evaluation = evaluate_run(run, dataset, common.quiet);
  write_output(options.output, format_predictions(run.task->predictions(dataset, evaluation.logits), format));
  return 0;
}

}  // namespace hiddenkey
