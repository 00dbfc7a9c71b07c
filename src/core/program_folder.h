#pragma once

#include <optional>
#include <string>

#include "core/file.h"

namespace hiddenkey {

/// The folder of the program that runs: PREFIX/bin where it is installed.
fs::path program_folder();

/// PREFIX/share/hiddenkey/NAME, where the program is installed and that lies beside it.
std::optional<fs::path> shared_folder(const std::string& name);

}  // namespace hiddenkey
