#pragma once

namespace hiddenkey {

/// The whole program: parses, runs the command, prints errors; gives the exit code.
int run_program(int argc, char** argv);

}  // namespace hiddenkey
