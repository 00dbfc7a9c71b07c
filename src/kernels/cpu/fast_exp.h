#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "core/vector_clones.h"

namespace hiddenkey::cpu {

/// exp for x <= 0 to 1 unit in the last place: 2^n times a polynomial for |r| <= ln(2)/2, the classic reduction in two
/// parts of ln 2. Below -87.3 the result is 0, as it is for -inf. The compiler turns it into vector code.
HIDDENKEY_INLINE float exp_nonpositive(float x) {
  const float bounded = x < -87.3F ? -87.3F : x;
  const float n = std::nearbyint(bounded * 1.44269504F);
  const float r = (bounded - n * 0.693359375F) + n * 2.12194440e-4F;
  float p = 1.0F / 5040;
  p = p * r + 1.0F / 720;
  p = p * r + 1.0F / 120;
  p = p * r + 1.0F / 24;
  p = p * r + 1.0F / 6;
  p = p * r + 0.5F;
  p = p * r * r + r + 1.0F;
  const float power = std::bit_cast<float>((static_cast<int32_t>(n) + 127) << 23);
  return x < -87.3F ? 0.0F : p * power;
}

}  // namespace hiddenkey::cpu
