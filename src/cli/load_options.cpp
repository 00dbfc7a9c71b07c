#include "cli/load_options.h"

namespace hiddenkey {

void add_base_options(CLI::App& command, LoadRequest& request) {
  command.add_option("--model", request.model, "Folder of the base, where it is not where the adapter says")
      ->group("Model");
  command.add_flag("--any-base", request.any_base, "Take a base whose weights differ from those trained on")
      ->group("Model");
}

void add_load_options(CLI::App& command, LoadRequest& request, bool with_overrides) {
  command
      .add_option("RUN", request.path,
                  "Folder of a run, one of its checkpoints, an adapter (ours or PEFT's) or a model")
      ->required();
  if (with_overrides)
    command.add_option("key=value", request.overrides,
                       "Config keys, such as task.data_dir=glue/RTE or evaluation.batch_size=16");
  add_base_options(command, request);
  command.add_option("--task", request.task, "Name of the task, where hiddenkey.json does not say it")->group("Task");
  command.add_option("--text-columns", request.text_columns, "One column, or two for a pair")
      ->delimiter(',')
      ->group("Task");
  command.add_option("--labels", request.labels, "Class names in the order of the outputs")
      ->delimiter(',')
      ->group("Task");
}

}  // namespace hiddenkey
