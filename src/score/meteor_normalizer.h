#pragma once

#include <string>
#include <vector>

namespace hiddenkey {

/// What METEOR's option -norm makes of English words that a tokenizer has already parted, in lower case: hyphens inside
/// of a word part it and are dropped, marks stand alone, "'s" becomes "' s" and "n't" "n 't", curved quotes become
/// plain. Of its list of abbreviations nothing is known here: a period stays on a word before one that begins in lower
/// case.
std::vector<std::string> meteor_normalized(const std::vector<std::string>& words);

}  // namespace hiddenkey
