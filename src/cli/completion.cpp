#include "cli/completion.h"

#include <sstream>

#include "core/shell_word.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

std::string names_of(const std::vector<ListedCommand>& commands) {
  std::vector<std::string> names;
  for (const ListedCommand& command : commands) names.push_back(command.name);
  return join(names, " ");
}

std::string options_of(const ListedCommand& command) {
  std::vector<std::string> names;
  for (const ListedOption& option : command.options) {
    if (!option.positional) names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return join(names, " ");
}

std::string commands_with_keys(const std::vector<ListedCommand>& commands, const char* separator) {
  std::vector<std::string> names;
  for (const ListedCommand& command : commands) {
    if (command.takes_keys) names.push_back(command.name);
  }
  return join(names, separator);
}

std::string keys_of(const std::vector<ListedKey>& keys) {
  std::vector<std::string> names;
  for (const ListedKey& key : keys) names.push_back(key.name + "=");
  return join(names, " ");
}

/// `pattern) before choices after ;;` for each option with choices, and nothing for one that takes another value.
std::string value_cases(const std::vector<ListedCommand>& commands, const char* before, const char* after) {
  std::ostringstream out;
  for (const ListedCommand& command : commands) {
    for (const ListedOption& option : command.options) {
      if (option.value.empty()) continue;
      if (option.positional && option.choices.empty()) continue;
      std::vector<std::string> patterns;
      for (const std::string& name : option.names)
        patterns.push_back(shell_quoted(cat(command.name, ' ', option.positional ? command.name : name)));
      out << "    " << join(patterns, "|") << ") ";
      if (!option.choices.empty()) out << before << join(option.choices, " ") << after << ' ';
      out << (option.choices.empty() ? "values=files" : "") << ";;\n";
    }
  }
  return out.str();
}

std::string key_cases(const std::vector<ListedKey>& keys, const char* end, const char* before, const char* after) {
  std::ostringstream out;
  for (const ListedKey& key : keys) {
    if (!key.choices.empty())
      out << "      " << key.name << end << ") " << before << join(key.choices, " ") << after << " ;;\n";
  }
  return out.str();
}

std::string option_cases(const std::vector<ListedCommand>& commands, const char* before, const char* after) {
  std::ostringstream out;
  for (const ListedCommand& command : commands)
    out << "      " << command.name << ") " << before << options_of(command) << after << " ;;\n";
  return out.str();
}

/// Of fish, which shows a line beside each word.
std::string fish_option(const ListedCommand& command, const ListedOption& option) {
  const std::string condition = cat("complete -c hiddenkey -n '__fish_seen_subcommand_from ", command.name, "'");
  if (option.positional)
    return option.choices.empty() ? "" : cat(condition, " -f -a ", shell_quoted(join(option.choices, " ")), '\n');
  std::string line = condition;
  for (const std::string& name : option.names)
    line += name.starts_with("--") ? cat(" -l ", name.substr(2)) : cat(" -s ", name.substr(1));
  if (!option.value.empty()) line += " -r";
  if (!option.choices.empty()) line += cat(" -f -a ", shell_quoted(join(option.choices, " ")));
  return cat(line, " -d ", shell_quoted(option.help), '\n');
}

}  // namespace

std::string bash_completion(const std::vector<ListedCommand>& commands, const std::vector<ListedKey>& keys) {
  return cat(R"(# bash completion of hiddenkey:  source <(hiddenkey completion bash)
_hiddenkey() {
  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" command="${COMP_WORDS[1]}"
  local key= words= values=
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W ')",
             names_of(commands), R"( --help --version' -- "$word"))
    return
  fi
  # Bash cuts words at each "=".
  if [[ $word == = ]]; then
    key=$before word=
  elif [[ $before == = ]]; then
    key=${COMP_WORDS[COMP_CWORD-2]}
  fi
  if [[ -n $key ]]; then
    case $key in
)",
             key_cases(keys, "", "words='", "'"), R"(    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    return
  fi
  case "$command $before" in
)",
             value_cases(commands, "words='", "'"), R"(  esac
  if [[ -z $values && $word == -* ]]; then
    case $command in
)",
             option_cases(commands, "words='", "'"), R"(    esac
  elif [[ -z $words && -z $values && $COMP_CWORD -gt 2 && " )",
             commands_with_keys(commands, " "), R"( " == *" $command "* ]]; then
    words=')",
             keys_of(keys), R"('
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  if [[ ${#COMPREPLY[@]} -gt 0 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -o default -F _hiddenkey hiddenkey
)");
}

std::string zsh_completion(const std::vector<ListedCommand>& commands, const std::vector<ListedKey>& keys) {
  std::string described;
  for (const ListedCommand& command : commands)
    described += cat("      ", shell_quoted(command.name + ":" + command.purpose), '\n');
  return cat(R"(#compdef hiddenkey
# zsh completion of hiddenkey:  source <(hiddenkey completion zsh), or this file as _hiddenkey in a folder of $fpath
_hiddenkey() {
  local command=$words[2] before=$words[CURRENT-1] values=
  local -a chosen commands
  if (( CURRENT == 2 )); then
    commands=(
)",
             described, R"(    )
    _describe command commands
    return
  fi
  case "$command $before" in
)",
             value_cases(commands, "chosen=(", ")"), R"(  esac
  if [[ $#chosen -gt 0 && $PREFIX != -* ]]; then
    compadd -a chosen
    return
  fi
  if [[ -z $values && $PREFIX == -* ]]; then
    case $command in
)",
             option_cases(commands, "chosen=(", ")"), R"(    esac
    compadd -a chosen
    return
  fi
  if [[ -z $values && CURRENT -gt 3 && $command == ()",
             commands_with_keys(commands, "|"), R"() ]]; then
    if compset -P '*='; then
      case $IPREFIX in
)",
             key_cases(keys, "=", "chosen=(", ")"), R"(      esac
      (( $#chosen )) && compadd -a chosen && return
    else
      chosen=()",
             keys_of(keys), R"()
      compadd -S '' -a chosen && return
    fi
  fi
  _files
}
if [[ $funcstack[1] == _hiddenkey ]]; then
  _hiddenkey "$@"
else
  compdef _hiddenkey hiddenkey
fi
)");
}

std::string fish_completion(const std::vector<ListedCommand>& commands, const std::vector<ListedKey>& keys) {
  std::string script = "# fish completion of hiddenkey:  hiddenkey completion fish | source\n";
  for (const ListedCommand& command : commands)
    script += cat("complete -c hiddenkey -n __fish_use_subcommand -f -a ", command.name, " -d ",
                  shell_quoted(command.purpose), '\n');
  for (const ListedCommand& command : commands) {
    for (const ListedOption& option : command.options) script += fish_option(command, option);
  }
  const std::string with_keys =
      cat("complete -c hiddenkey -n '__fish_seen_subcommand_from ", commands_with_keys(commands, " "), "' -a ");
  for (const ListedKey& key : keys) {
    std::vector<std::string> words;
    for (const std::string& choice : key.choices) words.push_back(cat(key.name, '=', choice));
    if (words.empty()) words.push_back(key.name + "=");
    script += cat(with_keys, shell_quoted(join(words, " ")), " -d ", shell_quoted(key.help), '\n');
  }
  return script;
}

}  // namespace hiddenkey
