#include <memory>

#include "commands/commands.h"
#include "commands/evaluate_run.h"
#include "commands/output_file.h"
#include "core/error.h"
#include "core/log.h"
#include "core/standard_files.h"
#include "core/text.h"
#include "data/data_file.h"
#include "data/reader.h"
#include "data/sources/tagged.h"
#include "data/task.h"
#include "run/open_run.h"

namespace hiddenkey {
namespace {

/// A text a line where the name ends in .txt; otherwise as tables have it.
TableFormat input_format(const PredictOptions& options) {
  const bool text = options.format == "text" || (options.format.empty() && options.input.ends_with(".txt"));
  return text ? TableFormat::kText : table_format(options.input, options.format);
}

std::string read_bytes(const PredictOptions& options) {
  return options.input == "-" ? read_stdin() : read_data_file(options.input);
}

std::string source_of(const PredictOptions& options) { return options.input == "-" ? "stdin" : options.input; }

std::vector<TextExample> read_texts(const PredictOptions& options, const LoadedRun& run, Notes& notes) {
  const Table table = parse_table(read_bytes(options), source_of(options), input_format(options));
  TaskConfig config = run.config.task;
  if (input_format(options) == TableFormat::kText) {
    if (run.task->info.pair)
      throw ConfigError(cat("--input: ", options.input, " has one text a line, and the task ", run.task->info.name,
                            " takes a pair of texts; give TSV, CSV or JSONL"));
    config.text_columns = table.columns;
  }
  return read_inputs(table, config, notes);
}

/// Words of a CoNLL file or of JSONL; of plain text what white space parts.
std::vector<TextExample> read_words(const PredictOptions& options, const LoadedRun& run, Notes& notes) {
  if (options.format == "tsv" || options.format == "csv")
    throw ConfigError(cat("--format: ", options.format, " has no lists of words; give conll, jsonl or text"));
  const bool text = input_format(options) == TableFormat::kText;
  const std::string bytes = read_bytes(options);
  return read_word_inputs(text ? split_into_words(bytes)
                               : parse_tagged(bytes, source_of(options), is_conll(options.input, options.format),
                                              tagged_columns(run.config.task), Tags::kPassedOver),
                          notes);
}

std::vector<TextExample> read_examples(const PredictOptions& options, const LoadedRun& run) {
  if (options.format == "conll" && run.task->predicts() != LabelForm::kWords)
    throw ConfigError(cat("--format: conll is a format of words, and the task ", run.task->info.name, " reads texts"));
  Notes notes;
  const bool words = run.task->predicts() == LabelForm::kWords;
  std::vector<TextExample> examples = words ? read_words(options, run, notes) : read_texts(options, run, notes);
  for (const std::string& note : notes) log::warning(cat(source_of(options), ": ", note));
  return examples;
}

PredictionFormat output_format(const PredictOptions& options, const LoadedRun& run) {
  const TaskInfo& task = run.task->info;
  if (!options.glue) return prediction_format(options.output, *run.task->predicts());
  if (glue_files(task.name) == nullptr) throw ConfigError(cat("--glue: ", task.name, " is no task of the leaderboard"));
  return PredictionFormat::kGlue;
}

}  // namespace

int run_predict(const PredictOptions& options, const CommonOptions& common) {
  require_writable(options.output);
  const LoadedRun run = open_run(options.request, Purpose::kMeasure);
  if (!run.task->predicts())
    throw ConfigError(
        cat("the task ", run.task->info.name, " generates text and predicts no labels; take `hiddenkey generate`"));
  const PredictionFormat format = output_format(options, run);
  const std::vector<TextExample> inputs = read_examples(options, run);
  const Dataset dataset = run.task->tokenize(inputs, *run.tokenizer, run.config.training.max_length, "input");
  const Evaluation evaluation = evaluate_run(run, dataset, common.quiet);
  write_output(options.output, format_predictions(run.task->predictions(dataset, evaluation.logits), format));
  return 0;
}

}  // namespace hiddenkey
