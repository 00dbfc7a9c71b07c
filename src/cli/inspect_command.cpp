#include <memory>

#include "cli/command.h"

namespace hiddenkey {
void add_inspect_command(CLI::App& program, CommonOptions& common, Action& action, const TensorCommands& commands) {
  const auto options = std::make_shared<InspectOptions>();
  CLI::App* command = add_command(program, common, "inspect", "What is in a model, adapter, run or config",
                                  "hiddenkey inspect configs/glue/rte.yaml model.path=models/roberta-large");
  command->add_option("PATH", options->path, "Folder of a model, adapter or run, a GGUF file, or a config file")
      ->required();
  command->add_option("key=value", options->overrides, "Overrides of a config");
  command->add_option("--tokenize", options->tokenize,
                      "Print the ids of each line of FILE (- is stdin) as a JSON array; PATH is a model");
  add_json_flag(*command, common);
  command->callback([options, &common, &action, &commands] {
    action = [options, &common, &commands] { return commands.inspect(*options, common); };
  });
}

}  // namespace hiddenkey
