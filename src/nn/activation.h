#pragma once

#include <ATen/ATen.h>

#include "nn/architecture.h"

/// N packed rows, F feed-forward.
namespace hiddenkey {

at::Tensor activate(const at::Tensor& x, Activation activation);

/// activation(gate) * up of a gated feed-forward layer: [N,2F], the gate's columns first -> [N,F].
at::Tensor gated_activate(const at::Tensor& x_N2F, Activation activation);

}  // namespace hiddenkey
