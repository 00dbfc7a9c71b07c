#include "kernels/cpu/softmax_rows.h"

#include <cmath>
#include <limits>

#include "core/vector_clones.h"
#include "kernels/cpu/fast_exp.h"

namespace hiddenkey::cpu {
namespace {

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

}  // namespace hiddenkey::cpu
