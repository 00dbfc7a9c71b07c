#include "commands/output_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cli/command.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"

namespace hiddenkey {

namespace {

bool is_stdout(const std::string& output) { return output == "-" || output == "/dev/stdout"; }

}  // namespace

void require_writable(const std::string& output) {
  if (is_stdout(output)) return;
  const fs::path path = output;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code error;
  if (output.empty() || fs::is_directory(path, error))
    throw IoError(cat("\"", output, "\" is ", output.empty() ? "no name of a file" : "a folder",
                      "; the output needs the name of a file"));
  if (!fs::is_directory(folder, error))
    throw IoError(cat(output, ": cannot be written: there is no folder ", folder.string()));
  if (fs::exists(path, error) && !fs::is_regular_file(path, error)) {  // a device or a pipe
    if (::access(path.c_str(), W_OK) == 0) return;
    throw IoError(cat(output, ": cannot be written: ", std::strerror(errno)));
  }
  // As the result will be written: a new file in that folder, which then takes the name.
  std::string trial = (folder / ".hiddenkey-XXXXXX").string();
  const int file = ::mkstemp(trial.data());
  if (file < 0) throw IoError(cat(output, ": cannot be written: ", std::strerror(errno)));
  ::close(file);
  ::unlink(trial.c_str());
}

void write_output(const std::string& output, const std::string& text) {
  if (is_stdout(output)) {
    print(text);
  } else {
    write_file_atomically(output, text);
  }
}

}  // namespace hiddenkey
