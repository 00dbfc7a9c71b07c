#pragma once

#include <ATen/ATen.h>

#include "adapter/peft_config.h"

namespace hiddenkey {

/// PiSSA and OLoRA begin with an adapter made of a weight's own parts and take those out of the weight; what they train
/// on, and what PEFT computes anew whenever it loads such an adapter, is the rest. Computed as PEFT does: in float32,
/// by singular values (PiSSA), or by Q and R of the matrix as the checkpoint holds it (OLoRA; GPT-2's lies [I,O]).
at::Tensor residual_weight(const at::Tensor& weight_OI, PeftConfig::Residual kind, int64_t r, double scaling,
                           bool transposed);

}  // namespace hiddenkey
