#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hiddenkey {

/// DataError with "source:line: reason".
[[noreturn]] void fail_at(const std::string& source, int64_t line, const std::string& reason);

/// A file's text without its byte order mark. DataError where it is no text, or of another encoding than UTF-8 by its
/// beginning.
std::string_view checked_text(std::string_view bytes, const std::string& source);

/// The next line of `rest` without its end (LF or CRLF); false after the last.
bool next_line(std::string_view& rest, std::string_view& line);

}  // namespace hiddenkey
