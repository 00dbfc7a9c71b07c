#pragma once

#include <ATen/ATen.h>

#include "nn/architecture.h"

/// N packed rows, D model.
namespace hiddenkey {

/// A layer norm, or a root mean square norm: x / sqrt(mean(x^2) + epsilon) * weight.
struct Norm {
  at::Tensor weight_D;
  at::Tensor bias_D;  ///< undefined: none
  double epsilon = 1e-12;
  NormKind kind = NormKind::kLayer;

  at::Tensor forward(const at::Tensor& x_ND) const;
};

}  // namespace hiddenkey
