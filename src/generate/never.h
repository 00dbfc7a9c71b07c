#pragma once

#include <limits>

namespace hiddenkey {

/// The score of a token, or of a beam, that is not to be chosen: below that of each real one.
constexpr double kNever = -std::numeric_limits<double>::infinity();

}  // namespace hiddenkey
