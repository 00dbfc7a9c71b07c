#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/text.h"

namespace hiddenkey {

/// $HIDDENKEY_DATA, or where the data sets stand beside the source.
inline fs::path shared_data() {
  const char* given = std::getenv("HIDDENKEY_DATA");
  return given == nullptr ? "../shared/data" : given;
}

/// The lines of a file; a line break at its end begins no line.
inline std::vector<std::string> lines_of(const fs::path& path) {
  std::vector<std::string> lines = split(read_file(path), '\n');
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace hiddenkey
