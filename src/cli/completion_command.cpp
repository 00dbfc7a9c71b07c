#include <algorithm>
#include <memory>

#include "cli/command.h"
#include "cli/completion.h"
#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

std::string completion(const std::string& shell, const CLI::App& program) {
  const std::vector<ListedCommand> commands = listed_commands(program);
  const std::vector<ListedKey> keys = listed_keys();
  if (shell == "bash") return bash_completion(commands, keys);
  return shell == "zsh" ? zsh_completion(commands, keys) : fish_completion(commands, keys);
}

}  // namespace

void add_completion_command(CLI::App& program, CommonOptions& common, Action& action) {
  const auto shell = std::make_shared<std::string>();
  CLI::App* command = add_command(program, common, "completion",
                                  "A script with which a shell completes commands, options and config keys",
                                  "source <(hiddenkey completion bash)");
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([shell, &program, &action] {
    action = [shell, &program] {
      print(completion(*shell, program));
      return 0;
    };
  });
}

/// What `cmake --install` makes the manual pages with; it is not in the help.
void add_man_command(CLI::App& program, CommonOptions& common, Action& action) {
  const auto name = std::make_shared<std::string>();
  CLI::App* command =
      add_command(program, common, "man", "The manual page of a command, in roff", "hiddenkey man train | man -l -");
  command->group("");
  command->add_option("COMMAND", *name, "Which; otherwise the program's own");
  command->callback([name, &program, &action] {
    action = [name, &program] {
      const std::string page = manual_page(listed_commands(program), *name);
      if (page.empty()) throw ConfigError(cat('"', *name, "\" is no command"));
      print(page);
      return 0;
    };
  });
}

}  // namespace hiddenkey
