#pragma once

#include <ATen/ATen.h>

/// N packed rows, D model.
namespace hiddenkey {

/// A layer norm, or a root mean square norm where there is no bias: x / sqrt(mean(x^2) + epsilon) * weight.
struct Norm {
  at::Tensor weight_D;
  at::Tensor bias_D;
  double epsilon = 1e-12;

  at::Tensor forward(const at::Tensor& x_ND) const;
};

}  // namespace hiddenkey
