#pragma once

#include <CLI/CLI.hpp>

namespace hiddenkey {

/// Makes a leading ~ the home folder in every option of every command that names a file or folder, as in the config's
/// paths: a shell leaves it as it is in quotes and behind `--option=`.
void expand_home_in_paths(CLI::App& program);

}  // namespace hiddenkey
