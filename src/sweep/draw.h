#pragma once

#include <cstdint>

#include "sweep/sweep_file.h"

namespace hiddenkey {

/// The value of a parameter in the draw of that number. It depends on nothing but the seed, the parameter's key and the
/// number, so that more draws, or one more parameter, leave the others as they were. A number has four significant
/// digits: mathematical libraries differ in the last of sixteen.
Value draw_value(const Parameter& parameter, int64_t seed, int64_t number);

}  // namespace hiddenkey
