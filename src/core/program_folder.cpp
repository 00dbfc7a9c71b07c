#include "core/program_folder.h"

namespace hiddenkey {

fs::path program_folder() { return fs::read_symlink("/proc/self/exe").parent_path(); }

std::optional<fs::path> shared_folder(const std::string& name) {
  const fs::path folder = program_folder().parent_path() / "share" / "hiddenkey" / name;
  std::error_code error;
  return fs::is_directory(folder, error) ? std::make_optional(folder) : std::nullopt;
}

}  // namespace hiddenkey
