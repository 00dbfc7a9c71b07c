#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hiddenkey {

/// What stands between blanks, which are those of Python's split(): Unicode's, and the separators U+001C to U+001F.
std::vector<std::string> blank_separated(std::string_view text);

/// WebNLG's preparation: lower case, split at all that is not a word character of Unicode; other than blanks these
/// characters stay, each a word of its own.
std::vector<std::string> lower_words_and_marks(std::string_view text);

}  // namespace hiddenkey
