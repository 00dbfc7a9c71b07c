#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "generate/options.h"

/// R rows, V tokens of the vocabulary.
namespace hiddenkey {

/// Which of a prompt's tokens is drawn.
struct DrawAddress {
  uint64_t prompt = 0;     ///< its number
  uint32_t candidate = 0;  ///< number of the sample
  uint32_t position = 0;   ///< of the new token
};

/// Uniform in [0, 1), of 53 bits: a function of the seed and the address and of nothing that was drawn before.
double draw_at(uint64_t seed, const DrawAddress& address);

/// float32 [R,V] logits -> the same with temperature applied and -inf for the tokens that the filters leave out.
at::Tensor filter_logits(const at::Tensor& logits_RV, const SamplingOptions& options);

/// int64 [R]: in each row the first token whose cumulated probability is above that row's draw.
at::Tensor sample(const at::Tensor& logits_RV, const std::vector<double>& draws);

}  // namespace hiddenkey
