#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace hiddenkey {

/// A tensor of the host on a device. The copy to a GPU goes through pinned memory, so that nobody waits for it.
at::Tensor send(const at::Tensor& host, at::Device device);

/// Whole numbers as int64 on a device.
at::Tensor send(const std::vector<int64_t>& values, at::Device device);

}  // namespace hiddenkey
