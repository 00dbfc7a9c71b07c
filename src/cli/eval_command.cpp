#include <memory>

#include "cli/command.h"
#include "cli/load_options.h"

namespace hiddenkey {
void add_eval_command(CLI::App& program, CommonOptions& common, Action& action, const TensorCommands& commands) {
  const auto options = std::make_shared<EvalOptions>();
  CLI::App* command = add_command(program, common, "eval", "Metrics of a trained adapter, also one that PEFT trained",
                                  "hiddenkey eval runs/rte --split dev");
  add_load_options(*command, options->request, true);
  command->add_option("--split", options->split, "Which split to measure")->capture_default_str();
  command->add_option(
      "--predictions", options->predictions,
      "Also write id, label, prediction and scores to this file; of a generation id, prompt, text and references");
  command->add_flag("--no-text", options->no_text, "Of a generation loss and perplexity alone, which takes less time")
      ->excludes("--predictions");
  add_json_flag(*command, common);
  command->callback([options, &common, &action, &commands] {
    action = [options, &common, &commands] { return commands.eval(*options, common); };
  });
}

}  // namespace hiddenkey
