#include <memory>

#include "cli/command.h"
#include "cli/load_options.h"

namespace hiddenkey {
void add_merge_command(CLI::App& program, CommonOptions& common, Action& action, const TensorCommands& commands) {
  const auto options = std::make_shared<MergeOptions>();
  CLI::App* command =
      add_command(program, common, "merge", "A plain Hugging Face checkpoint with the adapter merged in",
                  "hiddenkey merge runs/rte --output models/rte-merged");
  add_load_options(*command, options->request, false);
  command->add_option("-o,--output", options->output, "New folder")->required();
  command
      ->add_option("--dtype", options->dtype,
                   "What the weights are stored as; by default what the base's are (float32 where those are quantised)")
      ->check(CLI::IsMember({"float32", "bfloat16", "float16"}));
  command->callback([options, &common, &action, &commands] {
    action = [options, &common, &commands] { return commands.merge(*options, common); };
  });
}

}  // namespace hiddenkey
