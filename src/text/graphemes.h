#pragma once

#include <string_view>
#include <vector>

namespace hiddenkey {

/// The characters of a text as a reader sees them (extended grapheme clusters of Unicode's annex 29), one by one, with
/// what `tokenizers` knows of newer characters than ICU.
std::vector<std::u32string_view> graphemes(std::u32string_view text);

}  // namespace hiddenkey
