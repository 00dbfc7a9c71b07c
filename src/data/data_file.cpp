#include "data/data_file.h"

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"

namespace hiddenkey {

std::string read_data_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) throw DataError(cat(path.string(), ": there is no such data file"));
  if (fs::is_directory(status)) throw DataError(cat(path.string(), ": is a folder, and a data file is expected"));
  return read_file(path);
}

}  // namespace hiddenkey
