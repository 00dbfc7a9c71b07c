#pragma once

#include <cstdint>

/// The row arithmetic of the CPU's attention: one query against its S keys. `kept` and `seen` hold 1 or 0 a key.
namespace hiddenkey::cpu {

/// logits -> weights over the kept keys, in place; 0 elsewhere. Returns the log of their summed exponentials.
float softmax_kept(float* row, const uint8_t* kept, int64_t size);

/// The log of the summed exponentials of the logits over the seen keys.
float log_sum_exp(const float* row, const uint8_t* seen, int64_t size);

/// logits -> exp(logit - log_sum) where kept, else 0, in place.
void weights_from_logits(float* row, const uint8_t* kept, float log_sum, int64_t size);

/// The gradient of the logits: scale * weight_kept * grad - scale * weight_seen * dot, into `grad`, where dot is the
/// sum of weight_kept * grad over the row. Where dropping the weights is not renormalised by the gradient
/// (DropAttention) weight_seen differs from weight_kept; in plain attention and DropKey both are the same row.
void softmax_gradient(const float* weight_kept, const float* weight_seen, float dot, float scale, float* grad,
                      int64_t size);

}  // namespace hiddenkey::cpu
