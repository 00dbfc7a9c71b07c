#pragma once

#include <ATen/ATen.h>

#include "dropout/dropout_config.h"
#include "nn/linear.h"

/// P labelled positions, D model, V vocabulary.
namespace hiddenkey {

/// What is asked of the token distributions at the labelled positions.
struct TokenObjective {
  double label_smoothing = 0;
  ConsistencyLoss consistency = ConsistencyLoss::kNone;
  double weight = 0;                                         ///< of the consistency loss in the total
  ConsistencyBackward backward = ConsistencyBackward::kOne;  ///< kBoth: CE is the mean of both passes'
};

/// Means over the P positions, scalars; only `total` carries a gradient.
struct TokenLosses {
  at::Tensor total;
  at::Tensor ce;
  at::Tensor consistency;  ///< undefined without a second pass
};

/// Cross-entropy of softmax(head(x)) with the labels (int64 [P]), and the consistency loss between two passes. x2_PD is
/// undefined for one pass. Logits exist for a few rows at a time, never for all P: a large vocabulary costs no memory.
/// Where the head is frozen its gradient's part, d total / d x, is found in the same sweep, so that each logit is
/// computed once; a head that is trained or has adapters is run again in the backward pass.
TokenLosses token_losses(const at::Tensor& x1_PD, const at::Tensor& x2_PD, const Linear& head,
                         const at::Tensor& labels_P, const TokenObjective& objective);

/// The sum of -log softmax(head(x))[label] over the positions, float64, without a gradient.
at::Tensor token_negative_log_likelihood(const at::Tensor& x_PD, const Linear& head, const at::Tensor& labels_P);

}  // namespace hiddenkey
