#pragma once

#include <string_view>
#include <vector>

namespace hiddenkey {

/// Words as GPT-2's regex cuts them: contractions, letters, numbers, others, each with one space before; white space.
std::vector<std::u32string_view> gpt2_words(std::u32string_view text);

}  // namespace hiddenkey
