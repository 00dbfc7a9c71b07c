#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hiddenkey {

/// DataError with "source:line: reason".
[[noreturn]] void fail_at(const std::string& source, int64_t line, const std::string& reason);

/// The next line of `rest` without its end (LF or CRLF); false after the last.
bool next_line(std::string_view& rest, std::string_view& line);

}  // namespace hiddenkey
