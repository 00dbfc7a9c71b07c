#pragma once

#include <string>

namespace hiddenkey {

/// Opens what is closed of stdin, stdout and stderr, so that no file of ours gets its number. What was closed stays of
/// no use: reading or writing it is an error.
void open_standard_files();

/// All that stands on stdin.
std::string read_stdin();

}  // namespace hiddenkey
