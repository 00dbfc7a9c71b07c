#include "cli/usage.h"

#include <algorithm>

#include "cli/command_list.h"
#include "core/text.h"
#include "settings/run_config.h"

namespace hiddenkey {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string no_command(const CLI::App& program, const std::string& word) {
  if (word == "help") return "\"help\" is no command: hiddenkey --help, or hiddenkey COMMAND --help, shows it";
  if (word == "version" || word == "-V" || word == "-v" || word == "-version")
    return cat('"', word, "\" is no command: hiddenkey --version shows it");
  std::vector<std::string> names;
  for (const ListedCommand& command : listed_commands(program)) names.push_back(command.name);
  const char* kind = word.starts_with('-') ? "option" : "command";
  return cat('"', word, "\" is no ", kind, word.starts_with('-') ? "" : did_you_mean(word, names),
             "; see hiddenkey --help");
}

/// training.seed for "training.seed" and, where one key alone ends so, for "seed"; "" for none.
std::string key_of(const std::string& name) {
  std::string wanted = name, found;
  std::replace(wanted.begin(), wanted.end(), '-', '_');
  for (const std::string& key : run_config_keys()) {
    if (key == wanted) return key;
    if (!key.ends_with("." + wanted)) continue;
    if (!found.empty()) return "";
    found = key;
  }
  return found;
}

/// What stands behind an option: in the same argument after "=", or as the next one.
std::string value_of(const std::string& option, const std::vector<std::string>& arguments) {
  if (const std::size_t equals = option.find('='); equals != std::string::npos) return option.substr(equals + 1);
  const auto place = std::find(arguments.begin(), arguments.end(), option);
  const bool given = place != arguments.end() && std::next(place) != arguments.end();
  return given && !std::next(place)->starts_with('-') ? *std::next(place) : "VALUE";
}

std::string no_argument(const CLI::App& command, const std::string& word, const std::vector<std::string>& arguments) {
  const std::string see = cat("; see hiddenkey ", command.get_name(), " --help");
  if (!word.starts_with('-')) return cat('"', word, "\" is one argument too many", see);
  const std::string option = word.substr(0, word.find('='));
  const std::string name = option.substr(std::min(option.find_first_not_of('-'), option.size()));
  const bool takes_keys = command.get_option_no_throw("key=value") != nullptr;
  if (const std::string key = takes_keys ? key_of(name) : ""; !key.empty())
    return cat('"', option, "\" is a key of the config, which is given as ", key, '=', value_of(word, arguments));
  std::vector<std::string> names;
  for (const CLI::Option* known : command.get_options()) {
    for (const std::string& long_name : known->get_lnames()) names.push_back("--" + long_name);
  }
  return cat('"', option, "\" is no option of ", command.get_name(), did_you_mean(option, names), see);
}

}  // namespace

std::string usage_message(const CLI::App& program, const CLI::ParseError& error,
                          const std::vector<std::string>& arguments) {
  const std::vector<std::string> before = program.remaining();
  if (!before.empty()) return no_command(program, before.front());
  const std::vector<CLI::App*> parsed = program.get_subcommands();
  if (parsed.empty()) return cat(first_line(error.what()), "; see hiddenkey --help");
  const std::vector<std::string> left = parsed.front()->remaining(true);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !left.empty())
    return no_argument(*parsed.front(), left.front(), arguments);
  return cat(first_line(error.what()), "; see hiddenkey ", parsed.front()->get_name(), " --help");
}

void keep_lists_from_overrides(CLI::App& program) {
  for (CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_option_no_throw("key=value") == nullptr) continue;
    for (CLI::Option* option : command->get_options()) {
      if (!option->get_positional() && option->get_expected_max() > 1) option->allow_extra_args(false);
    }
  }
}

}  // namespace hiddenkey
