#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hiddenkey {

enum class Casing { kLower, kAsIs };

/// The tokens of mteval-v13a, as sacreBLEU's `13a`, e2e-metrics' pymteval and multi-bleu-detok.perl have them: ASCII
/// punctuation stands alone, but a period or comma between digits and an apostrophe do not, and a dash only after a
/// digit; four SGML entities are resolved. They differ in three things, which no ordinary text shows. Lower case comes
/// first here, as in sacreBLEU, and last in the other two (&AMP;). Empty text has no token here, and one empty token in
/// pymteval. A no-break space and its like divide here, as in the Python ones, and do not in Perl.
std::vector<std::string> mteval_tokens(std::string_view text, Casing casing);

}  // namespace hiddenkey
