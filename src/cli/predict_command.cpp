#include <iostream>
#include <iterator>
#include <memory>

#include "cli/command.h"
#include "cli/evaluate_run.h"
#include "cli/load_options.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "data/loader.h"
#include "data/prediction_file.h"
#include "data/reader.h"
#include "data/task.h"

namespace hiddenkey {
namespace {

struct Options {
  LoadRequest request;
  std::string input, output, format;
  bool glue = false;
};

Table read_input(const Options& options) {
  const bool standard = options.input == "-";
  const std::string bytes =
      standard ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : read_file(options.input);
  return parse_table(bytes, standard ? "stdin" : options.input, table_format(options.input, options.format));
}

PredictionFormat output_format(const Options& options, const TaskInfo& task) {
  if (!options.glue) return options.output.ends_with(".jsonl") ? PredictionFormat::kJsonl : PredictionFormat::kTsv;
  if (glue_files(task.name) == nullptr) throw ConfigError(cat("--glue: ", task.name, " is no task of the leaderboard"));
  return PredictionFormat::kGlue;
}

int predict(const Options& options, const CommonOptions& common) {
  const LoadedRun run = load_run(options.request);
  if (run.task.kind == TaskKind::kGeneration)
    throw ConfigError(
        cat("the task ", run.task.name, " generates text and predicts no labels; take `hiddenkey generate`"));
  const PredictionFormat format = output_format(options, run.task);
  const std::vector<TextExample> inputs = read_inputs(read_input(options), run.config.task);
  const Dataset dataset = tokenize(inputs, *run.tokenizer, run.config.training.max_length, "input");
  const Evaluation evaluation = evaluate_run(run, dataset, common.quiet);
  const std::string text = format_predictions(run.task, dataset, evaluation.logits, format);
  if (options.output == "-") {
    print(text);
  } else {
    write_file_atomically(options.output, text);
  }
  return 0;
}

}  // namespace

void add_predict_command(CLI::App& program, CommonOptions& common, Action& action) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(program, common, "predict", "Labels and scores for the rows of a TSV, CSV or JSONL file",
                  "hiddenkey predict runs/rte --input glue/RTE/test.tsv --output RTE.tsv --glue");
  add_load_options(*command, options->request, true);
  command
      ->add_option("-i,--input", options->input, "Rows with the task's text columns (and an id or index); - is stdin")
      ->required();
  command->add_option("-o,--output", options->output, "TSV, or JSONL where the name ends in .jsonl; - is stdout")
      ->required();
  command->add_option("--format", options->format, "Of the input: tsv, csv or jsonl; otherwise by its name")
      ->check(CLI::IsMember({"tsv", "csv", "jsonl"}));
  command->add_flag("--glue", options->glue, "Write the GLUE leaderboard's file: index and prediction");
  command->callback([options, &common, &action] { action = [options, &common] { return predict(*options, common); }; });
}

}  // namespace hiddenkey
