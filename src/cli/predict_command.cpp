#include <memory>

#include "cli/command.h"
#include "cli/load_options.h"

namespace hiddenkey {
void add_predict_command(CLI::App& program, CommonOptions& common, Action& action, const TensorCommands& commands) {
  const auto options = std::make_shared<PredictOptions>();
  CLI::App* command =
      add_command(program, common, "predict", "Labels and scores for the rows of a TSV, CSV, JSONL, CoNLL or text file",
                  "hiddenkey predict runs/rte --input glue/RTE/test.tsv --output RTE.tsv --glue");
  add_load_options(*command, options->request, true);
  command
      ->add_option("-i,--input", options->input,
                   "Rows with the task's text columns (and an id or index), or a text a line in a .txt; - is stdin")
      ->required();
  command
      ->add_option("-o,--output", options->output,
                   "CSV, JSONL or CoNLL where the name ends in .csv, .jsonl or .conll, otherwise TSV; - is stdout")
      ->required();
  command
      ->add_option("--format", options->format, "Of the input: tsv, csv, jsonl, conll or text; otherwise by its name")
      ->check(CLI::IsMember({"tsv", "csv", "jsonl", "conll", "text"}));
  command->add_flag("--glue", options->glue, "Write the GLUE leaderboard's file: index and prediction");
  command->callback([options, &common, &action, &commands] {
    action = [options, &common, &commands] { return commands.predict(*options, common); };
  });
}

}  // namespace hiddenkey
