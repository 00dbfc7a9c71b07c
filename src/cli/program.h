#pragma once

#include "cli/tensor_commands.h"

namespace hiddenkey {

/// The whole program: parses, runs the command and maps every error to its exit code.
int run_program(int argc, char** argv, const TensorCommands& commands);

}  // namespace hiddenkey
