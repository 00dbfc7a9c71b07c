#include "kernels/cpu/token_rows.h"

#include <cmath>
#include <limits>

#include "core/vector_clones.h"
#include "kernels/cpu/fast_exp.h"

namespace hiddenkey::cpu {
namespace {

/// Sums of float32 stay exact enough over this many terms; the parts are added in float64.
constexpr int64_t kPart = 1024;

HIDDENKEY_INLINE float probability(float z, float log_sum) {
  const float shifted = z - log_sum;
  return exp_nonpositive(shifted > 0 ? 0.0F : shifted);
}

HIDDENKEY_INLINE int64_t part_end(int64_t begin, int64_t size) { return begin + kPart < size ? begin + kPart : size; }

}  // namespace

HIDDENKEY_VECTOR_CLONES
RowSums row_sums(const float* z, int64_t size) {
  float top = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : top)
  for (int64_t v = 0; v < size; ++v) top = z[v] > top ? z[v] : top;
  double exponentials = 0, total = 0;
  for (int64_t begin = 0; begin < size; begin += kPart) {
    float part = 0, plain = 0;
#pragma omp simd reduction(+ : part, plain)
    for (int64_t v = begin; v < part_end(begin, size); ++v) {
      part += exp_nonpositive(z[v] - top);
      plain += z[v];
    }
    exponentials += part;
    total += plain;
  }
  return {static_cast<float>(top + std::log(exponentials)), total};
}

double row_cross_entropy(const float* z, const RowSums& sums, int64_t size, int64_t label, double smoothing) {
  return sums.log_sum - (1 - smoothing) * z[label] - smoothing / static_cast<double>(size) * sums.sum;
}

HIDDENKEY_VECTOR_CLONES
void row_gradient(float* z, float log_sum, int64_t size, int64_t label, const RowWeights& weights) {
  const float spread = weights.smoothing / static_cast<float>(size);
#pragma omp simd
  for (int64_t v = 0; v < size; ++v) z[v] = weights.ce * (probability(z[v], log_sum) - spread);
  z[label] -= weights.ce * (1 - weights.smoothing);
}

HIDDENKEY_VECTOR_CLONES
RowDivergence row_divergence(const float* z1, float log_sum1, const float* z2, float log_sum2, int64_t size) {
  double forward = 0, backward = 0;
  for (int64_t begin = 0; begin < size; begin += kPart) {
    float one = 0, two = 0;
#pragma omp simd reduction(+ : one, two)
    for (int64_t v = begin; v < part_end(begin, size); ++v) {
      const float difference = (z1[v] - log_sum1) - (z2[v] - log_sum2);
      one += probability(z1[v], log_sum1) * difference;
      two -= probability(z2[v], log_sum2) * difference;
    }
    forward += one;
    backward += two;
  }
  return {static_cast<float>(forward), static_cast<float>(backward)};
}

// With l = log P: d/dz1 of 1/2 sum (P1 - P2)(l1 - l2) is 1/2 [P1 (l1 - l2 - KL(P1||P2)) + P1 - P2].
HIDDENKEY_VECTOR_CLONES
void row_pair_gradient(float* z1, float log_sum1, float* z2, float log_sum2, int64_t size, int64_t label,
                       const RowDivergence& divergence, const RowWeights& weights, OtherBranch other) {
  const float spread = weights.smoothing / static_cast<float>(size), kl = 0.5F * weights.kl;
  const float target = weights.ce * (1 - weights.smoothing);
  const bool both = other == OtherBranch::kDifferentiate;
#pragma omp simd
  for (int64_t v = 0; v < size; ++v) {
    const float p1 = probability(z1[v], log_sum1), p2 = probability(z2[v], log_sum2);
    const float difference = (z1[v] - log_sum1) - (z2[v] - log_sum2);
    z1[v] = weights.ce * (p1 - spread) + kl * (p1 * (difference - divergence.forward) + p1 - p2);
    const float second = weights.ce * (p2 - spread) + kl * (p2 * (-difference - divergence.backward) + p2 - p1);
    z2[v] = both ? second : z2[v];
  }
  z1[label] -= target;
  if (both) z2[label] -= target;
}

}  // namespace hiddenkey::cpu
