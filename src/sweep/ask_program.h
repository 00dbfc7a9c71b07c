#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hiddenkey {

/// What another program has said.
struct Answer {
  int exit_code = 0;
  std::string output, errors;
};

/// Runs a program that is looked for on PATH, to its end. Nothing where it is not there; IoError where it cannot be
/// started, or says nothing for a minute and is ended.
std::optional<Answer> ask_program(const std::vector<std::string>& words);

}  // namespace hiddenkey
