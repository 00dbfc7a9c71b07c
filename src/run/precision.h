#pragma once

#include <ATen/ATen.h>

#include "settings/run_config.h"

namespace hiddenkey {

/// Puts in the place of model.dtype: auto what the device is best at: bfloat16 on a GPU that computes in it, float32
/// elsewhere and where everything is trained. ConfigError where bfloat16 is asked of a GPU that has none.
void settle_dtype(RunConfig& config, at::Device device);

/// Makes a GPU's float32 products as exact or as fast as training.matmul says. A warning on a CPU, where tf32 is not.
void use_matmul_precision(MatmulPrecision precision, at::Device device);

}  // namespace hiddenkey
