#include "core/home_path.h"

#include <algorithm>
#include <cstdlib>

#include "core/text.h"

namespace hiddenkey {

std::string expand_home(std::string& path) {
  const std::vector<std::string> parts = split(path, '/');
  if (std::find(parts.begin() + 1, parts.end(), "~") != parts.end())
    return cat("\"", path, "\" has a folder of the name ~ inside; write the path without it");
  if (!path.starts_with('~')) return "";
  if (parts.front() != "~") return cat("\"", path, "\" begins with ~ and a name; write the folder's whole path");
  const char* home = std::getenv("HOME");
  if (home == nullptr || home[0] != '/')
    return cat("\"", path, "\" begins with ~, but the variable HOME names no folder");
  path = home + path.substr(1);
  return "";
}

}  // namespace hiddenkey
