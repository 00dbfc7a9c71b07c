#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hiddenkey {

/// The bytes that base64 text stands for (RFC 4648, with its padding); nothing where it is none.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace hiddenkey
