#include "run/precision.h"

#include <ATen/Context.h>

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "run/device.h"

namespace hiddenkey {

at::Device prepare_device(RunConfig& config) {
  const at::Device device = choose_device(config.training.device);
  settle_dtype(config, device);
  use_matmul_precision(config.training.matmul, device);
  return device;
}

at::ScalarType scalar_type(BaseType dtype) { return dtype == BaseType::kBFloat16 ? at::kBFloat16 : at::kFloat; }

void settle_dtype(RunConfig& config, at::Device device) {
  const bool bfloat16 = computes_bfloat16(device);
  BaseType& dtype = config.model.dtype;
  if (dtype == BaseType::kAuto) {
    const bool smaller = device.is_cuda() && bfloat16 && config.method != Method::kFull;
    dtype = smaller ? BaseType::kBFloat16 : BaseType::kFloat32;
  } else if (dtype == BaseType::kBFloat16 && !bfloat16) {
    throw ConfigError(cat("model.dtype: ", device_name(device), " does not compute in bfloat16; take float32 or auto"));
  }
}

void use_matmul_precision(MatmulPrecision precision, at::Device device) {
  const bool tf32 = precision == MatmulPrecision::kTf32;
  if (device.is_cuda())
    at::globalContext().setFloat32MatmulPrecision(tf32 ? "high" : "highest");
  else if (tf32)
    log::warning(cat("training.matmul: tf32 is of a GPU; ", device_name(device), " computes in float32"));
}

}  // namespace hiddenkey
