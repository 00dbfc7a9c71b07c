#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"

/// The one way in which JSON files of models and adapters are read. An Error of the wanted kind names the file, the
/// line and the column where the text is no JSON, holds a number that no double holds, or is nested deeper than 64
/// levels. A key that an object has twice is warned of; the last one counts, as in Python.
namespace hiddenkey {

/// How deep lists and objects may stand in each other, in every JSON text that others made: the library copies what is
/// nested by calling itself, as deep as the text asks for.
inline constexpr int kMostJsonLevels = 64;

nlohmann::json parse_json_text(std::string_view bytes, const std::string& source, ErrorKind kind = ErrorKind::kModel);

/// The object in a text; an Error where it is another value.
nlohmann::json parse_json_object(std::string_view bytes, const std::string& source, ErrorKind kind = ErrorKind::kModel);
/// The same with the keys in the text's order, for objects that are not large: a key is looked for from the beginning.
nlohmann::ordered_json parse_ordered_json_object(std::string_view bytes, const std::string& source,
                                                 ErrorKind kind = ErrorKind::kModel);

/// The object in a file; an Error where the file holds another value, IoError where it cannot be read.
nlohmann::json read_json_object(const std::filesystem::path& path, ErrorKind kind = ErrorKind::kModel);
/// The same with the keys in the file's order.
nlohmann::ordered_json read_ordered_json_object(const std::filesystem::path& path, ErrorKind kind = ErrorKind::kModel);

/// Nothing where there is no such file.
std::optional<nlohmann::json> read_json_object_if_there(const std::filesystem::path& path,
                                                        ErrorKind kind = ErrorKind::kModel);

}  // namespace hiddenkey
