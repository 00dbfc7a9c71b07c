#include "io/send.h"

namespace hiddenkey {

at::Tensor send(const at::Tensor& host, at::Device device) {
  if (device.is_cpu()) return host;
  return (device.is_cuda() ? host.pin_memory() : host).to(device, host.scalar_type(), /*non_blocking=*/true);
}

at::Tensor send(const std::vector<int64_t>& values, at::Device device) {
  return send(at::tensor(values, at::kLong), device);
}

}  // namespace hiddenkey
