#pragma once

#include <string>
#include <vector>

#include "cli/command_list.h"

namespace hiddenkey {

// A script for a shell that completes commands, options, their choices, config keys and their choices.
std::string bash_completion(const std::vector<ListedCommand>& commands, const std::vector<ListedKey>& keys);
std::string zsh_completion(const std::vector<ListedCommand>& commands, const std::vector<ListedKey>& keys);
std::string fish_completion(const std::vector<ListedCommand>& commands, const std::vector<ListedKey>& keys);

/// A manual page in roff: of a command, or of the program where `name` is "".
std::string manual_page(const std::vector<ListedCommand>& commands, const std::string& name);

}  // namespace hiddenkey
