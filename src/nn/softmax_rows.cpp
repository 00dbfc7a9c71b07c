#include "nn/softmax_rows.h"

#include <bit>
#include <cmath>
#include <limits>

#include "core/vector_clones.h"

namespace hiddenkey {
namespace {

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

HIDDENKEY_INLINE float largest(const float* row, const uint8_t* kept, int64_t size) {
  float top = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : top)
  for (int64_t s = 0; s < size; ++s) top = kept[s] != 0 && row[s] > top ? row[s] : top;
  return top;
}

}  // namespace

HIDDENKEY_VECTOR_CLONES
float softmax_kept(float* row, const uint8_t* kept, int64_t size) {
  const float top = largest(row, kept, size);
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t s = 0; s < size; ++s) {
    const float weight = kept[s] != 0 ? exp_nonpositive(row[s] - top) : 0.0F;
    row[s] = weight;
    sum += weight;
  }
  const float inverse = 1.0F / sum;
#pragma omp simd
  for (int64_t s = 0; s < size; ++s) row[s] *= inverse;
  return top + std::log(sum);
}

HIDDENKEY_VECTOR_CLONES
float log_sum_exp(const float* row, const uint8_t* seen, int64_t size) {
  const float top = largest(row, seen, size);
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t s = 0; s < size; ++s) sum += seen[s] != 0 ? exp_nonpositive(row[s] - top) : 0.0F;
  return top + std::log(sum);
}

HIDDENKEY_VECTOR_CLONES
void weights_from_logits(float* row, const uint8_t* kept, float log_sum, int64_t size) {
#pragma omp simd
  for (int64_t s = 0; s < size; ++s) {
    const float shifted = row[s] - log_sum;
    row[s] = kept[s] != 0 ? exp_nonpositive(shifted > 0 ? 0.0F : shifted) : 0.0F;
  }
}

HIDDENKEY_VECTOR_CLONES
void softmax_gradient(const float* weight_kept, const float* weight_seen, float dot, float scale, float* grad,
                      int64_t size) {
#pragma omp simd
  for (int64_t s = 0; s < size; ++s) grad[s] = scale * (weight_kept[s] * grad[s] - weight_seen[s] * dot);
}

}  // namespace hiddenkey
