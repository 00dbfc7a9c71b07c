#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/value.h"

namespace hiddenkey {

/// Reads a YAML file, or JSON where the name ends in .json, on top of the file that its key `extends` names (relative
/// to its own folder, and one layer lower), with the overrides `dotted.key=value` on top of both; a value is read as
/// YAML. Nothing is returned where a file cannot be read or parsed, or extends itself: the problems say which and
/// where.
std::optional<Value> load_tree(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                               Problems& problems);

/// Where an override of the command line stands.
Place override_place(const std::string& text);

/// Gives a value and all that it holds one place.
void relocate(Value& value, const Place& where);

/// The overrides alone.
Value load_overrides(const std::vector<std::string>& overrides, Problems& problems);

}  // namespace hiddenkey
