#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace hiddenkey {

/// The line that helps with a command line that cannot be parsed. `arguments` are all after the program's name.
std::string usage_message(const CLI::App& program, const CLI::ParseError& error,
                          const std::vector<std::string>& arguments);

/// Options of a list take one argument each time, a,b,c, and leave the key=value behind it alone.
void keep_lists_from_overrides(CLI::App& program);

}  // namespace hiddenkey
