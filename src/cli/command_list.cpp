#include "cli/command_list.h"

#include <nlohmann/json.hpp>

#include "core/text.h"
#include "settings/run_config.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

/// CLI11 shows them as "TEXT:{tsv,csv}".
std::vector<std::string> choices_of(const std::string& type) {
  const std::size_t begin = type.find('{'), end = type.rfind('}');
  if (begin == std::string::npos || end == std::string::npos || end < begin) return {};
  return split(type.substr(begin + 1, end - begin - 1), ',');
}

ListedOption listed(const CLI::Option& option) {
  ListedOption made;
  made.positional = option.get_positional();
  if (made.positional) made.names.push_back(option.get_name(true));
  for (const std::string& name : option.get_lnames()) made.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) made.names.push_back("-" + name);
  made.help = option.get_description();
  if (option.get_type_size() == 0) return made;
  made.choices = choices_of(option.get_type_name());
  made.value = made.choices.empty() ? "VALUE" : join(made.choices, "|");
  if (!option.get_default_str().empty()) made.help += cat(" (", option.get_default_str(), ')');
  return made;
}

ListedCommand listed(const CLI::App& command) {
  ListedCommand made;
  made.name = command.get_name();
  made.purpose = command.get_description();
  made.example = command.get_footer();
  made.usage = cat("hiddenkey ", made.name, " [OPTIONS]");
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_group().empty()) continue;
    made.options.push_back(listed(*option));
    if (!option->get_positional()) continue;
    const std::string& name = made.options.back().names.front();
    made.takes_keys = made.takes_keys || name == "key=value";
    made.usage +=
        option->get_required() ? cat(' ', name) : cat(" [", name, option->get_expected_max() > 1 ? " ...]" : "]");
  }
  return made;
}

void add_choices(const Json& schema, std::vector<std::string>& choices) {
  for (const Json& choice : schema.value("enum", Json::array())) {
    if (choice.is_string() && !choice.get<std::string>().empty()) choices.push_back(choice.get<std::string>());
  }
  if (schema.value("type", Json()) == "boolean") choices.insert(choices.end(), {"true", "false"});
  for (const Json& either : schema.value("anyOf", Json::array())) add_choices(either, choices);
}

void add_keys(const Json& schema, const std::string& prefix, std::vector<ListedKey>& keys) {
  const Json properties = schema.value("properties", Json::object());
  for (const auto& [name, below] : properties.items()) {
    if (below.contains("properties")) {
      add_keys(below, cat(prefix, name, '.'), keys);
      continue;
    }
    ListedKey& key = keys.emplace_back();
    key.name = prefix + name;
    key.help = below.value("description", "");
    add_choices(below, key.choices);
  }
}

}  // namespace

std::vector<ListedCommand> listed_commands(const CLI::App& program) {
  std::vector<ListedCommand> commands;
  for (const CLI::App* command : program.get_subcommands([](const CLI::App* app) { return !app->get_group().empty(); }))
    commands.push_back(listed(*command));
  return commands;
}

std::vector<ListedKey> listed_keys() {
  std::vector<ListedKey> keys;
  add_keys(Json::parse(run_config_schema()), "", keys);
  return keys;
}

}  // namespace hiddenkey
