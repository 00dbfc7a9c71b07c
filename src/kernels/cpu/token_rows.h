#pragma once

#include <cstdint>

/// The losses of token distributions on rows of logits in memory: what a CPU does in one visit instead of a dozen.
namespace hiddenkey::cpu {

/// d total / d logits = ce * (softmax - target) + kl * d KL, with the target's share 1 - smoothing on the label.
struct RowWeights {
  float ce = 1;
  float kl = 0;
  float smoothing = 0;
};

/// log(sum(exp(z))) and sum(z) of a row.
struct RowSums {
  float log_sum = 0;
  double sum = 0;
};
RowSums row_sums(const float* z, int64_t size);

/// -sum(target * log softmax(z)).
double row_cross_entropy(const float* z, const RowSums& sums, int64_t size, int64_t label, double smoothing);

/// z becomes the gradient of the weighted cross-entropy.
void row_gradient(float* z, float log_sum, int64_t size, int64_t label, const RowWeights& weights);

/// KL(P1||P2) and KL(P2||P1).
struct RowDivergence {
  float forward = 0;
  float backward = 0;
};
RowDivergence row_divergence(const float* z1, float log_sum1, const float* z2, float log_sum2, int64_t size);

/// z1 becomes the gradient of the weighted cross-entropy and 1/2 [KL(P1||P2) + KL(P2||P1)] by z1. With `other`, z2
/// becomes that by z2, where its own cross-entropy has the same weight.
enum class OtherBranch { kLeave, kDifferentiate };
void row_pair_gradient(float* z1, float log_sum1, float* z2, float log_sum2, int64_t size, int64_t label,
                       const RowDivergence& divergence, const RowWeights& weights, OtherBranch other);

}  // namespace hiddenkey::cpu
