#pragma once

#include <string>
#include <string_view>

namespace hiddenkey {

/// UTF-8 in lower case, a character's neighbours regarded (a final sigma), as Python and Java have it.
std::string lowercase(std::string_view text);

}  // namespace hiddenkey
