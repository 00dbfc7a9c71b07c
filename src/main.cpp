#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <regex>

#include "cli/program.h"
#include "core/error.h"
#include "core/program_folder.h"
#include "core/text.h"
#include "core/version.h"

namespace hiddenkey {
namespace {

/// The program with all commands lies beside this one in a build, and under libexec where it is installed.
fs::path program_with_torch() {
  const fs::path beside = program_folder() / "hiddenkey-torch";
  return fs::exists(beside) ? beside : program_folder().parent_path() / "libexec" / "hiddenkey-torch";
}

/// "2.11.0+cu130" -> "2.11": releases that differ in more cannot be exchanged.
std::string release_of(const std::string& version) {
  const std::vector<std::string> parts = split(version, '.');
  return parts.size() < 2 ? version : cat(parts[0], '.', parts[1]);
}

/// As a Python package the program runs beside a torch that was installed apart, in a folder that the package names.
void use_torch_of(const fs::path& package) {
  const std::string wanted = release_of(kLibTorchVersion);
  if (package.empty())
    throw IoError(
        cat("torch ", wanted, " is not installed beside hiddenkey; `pip install 'torch==", wanted, ".*'` installs it"));
  const std::string source = read_file(package / "version.py");
  std::smatch version;
  if (!std::regex_search(source, version, std::regex("__version__ = '([^']*)'")))
    throw IoError(cat((package / "version.py").string(), ": names no version"));
  if (release_of(version[1]) != wanted)
    throw IoError(cat("hiddenkey ", kVersion, " needs torch ", wanted, ", and ", package.string(), " is torch ",
                      version[1].str(), "; `pip install 'torch==", wanted, ".*'` installs the other"));
  const char* before = std::getenv("LD_LIBRARY_PATH");
  const std::string paths = (package / "lib").string() + (before == nullptr ? "" : cat(':', before));
  setenv("LD_LIBRARY_PATH", paths.c_str(), /*overwrite=*/1);
}

/// Becomes the program with all commands.
[[noreturn]] void hand_over(char** argv) {
  if (const char* package = std::getenv("HIDDENKEY_TORCH")) use_torch_of(package);
  const fs::path program = program_with_torch();
  ::execv(program.c_str(), argv);
  throw IoError(cat(program.string(), ": cannot be started: ", std::strerror(errno)));
}

}  // namespace
}  // namespace hiddenkey

/// What people start. It parses every command and does those that need no LibTorch, which takes a third of a second to
/// load; the others it hands over.
int main(int argc, char** argv) {
  const auto elsewhere = [argv](const auto&, const auto&) -> int { hiddenkey::hand_over(argv); };
  return hiddenkey::run_program(argc, argv, {elsewhere, elsewhere, elsewhere, elsewhere, elsewhere, elsewhere});
}
