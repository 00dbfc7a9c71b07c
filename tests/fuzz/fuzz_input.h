#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/log.h"

/// What the fuzz targets have in common: bytes become files, and the project's own errors are an answer.
namespace hiddenkey::fuzz {

namespace fs = std::filesystem;

/// A folder of this process that is removed when it ends.
inline const fs::path& scratch() {
  struct Folder {
    fs::path path;
    Folder() {
      std::string name = (fs::temp_directory_path() / "hiddenkey-fuzz-XXXXXX").string();
      if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder can be made");
      path = name;
    }
    ~Folder() {
      std::error_code error;
      fs::remove_all(path, error);
    }
  };
  static const Folder folder;
  return folder.path;
}

inline fs::path write_scratch(const fs::path& name, std::string_view bytes) {
  const fs::path path = scratch() / name;
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return path;
}

/// Writes an input into several files: a line "----" ends the part of one. Files without a part are removed.
inline void write_parts(const std::vector<std::string>& names, std::string_view bytes, const fs::path& folder = "") {
  constexpr std::string_view kEnd = "\n----\n";
  bool there = true;
  for (const std::string& name : names) {
    std::error_code error;
    if (!there) {
      fs::remove(scratch() / folder / name, error);
      continue;
    }
    const std::size_t end = bytes.find(kEnd);
    there = end != std::string_view::npos;
    write_scratch(folder / name, bytes.substr(0, end));
    bytes.remove_prefix(there ? end + kEnd.size() : bytes.size());
  }
}

/// Runs a reader on bytes. Anything that escapes, but an error that the program tells its user of, is a finding.
template <class Read>
int read(const std::uint8_t* data, std::size_t size, const Read& reader) {
  static const bool quiet = (log::set_level(log::Level::kOff), true);
  static_cast<void>(quiet);
  try {
    reader(std::string_view(reinterpret_cast<const char*>(data), size));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kBug) throw;
  }
  return 0;
}

}  // namespace hiddenkey::fuzz
