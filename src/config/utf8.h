#pragma once

#include <string_view>

#include "config/tree_builder.h"

namespace hiddenkey {

/// Stops the parse at the first byte that does not belong to valid UTF-8, or is NUL.
void check_utf8(std::string_view bytes, const TreeBuilder& builder);

}  // namespace hiddenkey
