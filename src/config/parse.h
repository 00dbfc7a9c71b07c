#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/value.h"

namespace hiddenkey {

/// Text that is no YAML (or JSON), too deep, too large once its aliases are written out, or not UTF-8 gives one problem
/// and no value. Duplicate keys are problems too, but the value is returned, with the first of them.
/// `source` names the text in messages.
std::optional<Value> parse_yaml(std::string_view bytes, const std::string& source, Problems& problems);
std::optional<Value> parse_json(std::string_view bytes, const std::string& source, Problems& problems);

}  // namespace hiddenkey
