#pragma once

#include <string_view>

#include "data/table.h"

namespace hiddenkey {

/// Adds the objects of JSONL to a table, one row each. DataError names the line and what is wrong with it: an array, a
/// NaN, half of a surrogate pair, a key that stands there twice.
void parse_jsonl(std::string_view bytes, Table& table);

}  // namespace hiddenkey
