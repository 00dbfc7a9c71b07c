#include "cli/path_options.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/home_path.h"

namespace hiddenkey {
namespace {

constexpr std::array<std::string_view, 14> kPathOptions = {
    "CONFIG", "RUN",   "PATH",       "MODEL",         "--model",       "--input", "--output",
    "--hyp",  "--ref", "--tokenize", "--predictions", "--meteor-data", "SWEEP",   "--optuna"};

CLI::Validator home() {
  return CLI::Validator([](std::string& path) { return expand_home(path); }, "", "home folder");
}

}  // namespace

void expand_home_in_paths(CLI::App& program) {
  for (CLI::App* command : program.get_subcommands({})) {
    for (CLI::Option* option : command->get_options()) {
      const bool is_path =
          std::find(kPathOptions.begin(), kPathOptions.end(), option->get_name()) != kPathOptions.end();
      if (is_path) option->transform(home());
    }
  }
}

}  // namespace hiddenkey
