#pragma once

#include <string>

namespace hiddenkey {

/// IoError where a result could not be written to `output` (a file; - is stdout): asked before the work, not after it.
/// Nothing is left behind.
void require_writable(const std::string& output);

/// Puts a result there whole or not at all.
void write_output(const std::string& output, const std::string& text);

}  // namespace hiddenkey
