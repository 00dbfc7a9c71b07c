#include <memory>

#include "cli/command.h"

namespace hiddenkey {
void add_train_command(CLI::App& program, CommonOptions& common, Action& action, const TensorCommands& commands) {
  const auto options = std::make_shared<TrainOptions>();
  CLI::App* command =
      add_command(program, common, "train", "A finetuning run into output_dir",
                  "hiddenkey train configs/glue/rte.yaml model.path=models/roberta-large training.seed=1");
  command->add_option("CONFIG", options->config, "YAML or JSON file, or a run's folder, whose config.yaml is taken")
      ->required();
  command->add_option("key=value", options->overrides, "Overrides, such as dropout.hidden.rate=0.2");
  CLI::Option* resume =
      command->add_flag("--resume", options->resume, "Go on with the run in output_dir where it was stopped")
          ->group("Run");
  command
      ->add_flag("--overwrite", options->overwrite,
                 "Replace the run in output_dir, once the new one has saved its first state")
      ->excludes(resume)
      ->group("Run");
  command
      ->add_flag("--dry-run", options->dry_run,
                 "Load everything and say what would be trained and in how many steps; write nothing")
      ->group("Run");
  command
      ->add_option("--pause-at", options->pause_at,
                   "Stop as by a signal, with the state saved, after the first evaluation at or behind this share of "
                   "the steps, such as 0.5; --resume goes on to the same result")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("SHARE")
      ->excludes("--dry-run")
      ->group("Run");
  add_json_flag(*command, common);
  command->callback([options, &common, &action, &commands] {
    action = [options, &common, &commands] { return commands.train(*options, common); };
  });
}

}  // namespace hiddenkey
