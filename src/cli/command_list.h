#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

// The program as data, for shells and manual pages.

namespace hiddenkey {

struct ListedOption {
  std::vector<std::string> names;  ///< "--input", "-i"; of a positional its name alone
  std::string help;
  std::vector<std::string> choices;  ///< of its value; empty: any
  std::string value;                 ///< what stands for it in a help text; "" takes none
  bool positional = false;
};

struct ListedCommand {
  std::string name, purpose, usage, example;
  std::vector<ListedOption> options;
  bool takes_keys = false;  ///< key=value
};

struct ListedKey {
  std::string name, help;
  std::vector<std::string> choices;
};

/// The commands that the help shows.
std::vector<ListedCommand> listed_commands(const CLI::App& program);

/// The config's keys that hold a value, from its schema.
std::vector<ListedKey> listed_keys();

}  // namespace hiddenkey
