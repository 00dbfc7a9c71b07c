#pragma once

#include <string>
#include <string_view>

namespace hiddenkey {

/// One line that a terminal shows as it stands: control characters, and those that turn the direction of writing, are
/// written out ("\x1b", "\u202e"), bytes that are no UTF-8 too, and of a very long line the middle is left out.
std::string printable(std::string_view line);

}  // namespace hiddenkey
