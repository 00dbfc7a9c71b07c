#pragma once

#include <ATen/core/Tensor.h>

namespace hiddenkey {

/// Half precision is computed in float32, as Transformers does; float64 stays what it is.
inline at::Tensor widened(const at::Tensor& x) { return x.scalar_type() == at::kDouble ? x : x.to(at::kFloat); }

}  // namespace hiddenkey
