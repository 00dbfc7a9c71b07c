#pragma once

#include <ATen/ATen.h>

#include <algorithm>

// How far tensors lie apart, for tests.

namespace hiddenkey {

inline double distance(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

/// Relative to the largest value where that is above 1: float32 has no digits below.
inline double scaled_distance(const at::Tensor& a, const at::Tensor& b) {
  return distance(a, b) / std::max(1.0, b.abs().max().item<double>());
}

}  // namespace hiddenkey
