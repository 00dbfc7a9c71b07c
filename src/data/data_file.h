#pragma once

#include <filesystem>
#include <string>

namespace hiddenkey {

/// The bytes of a file with data. DataError where there is no such file or where it is a folder; IoError where it
/// cannot be read.
std::string read_data_file(const std::filesystem::path& path);

}  // namespace hiddenkey
