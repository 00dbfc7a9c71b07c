#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernels/cuda/launcher.h"

namespace hiddenkey::cuda {

/// Compiles one of source_files() for the device, or takes it from the cache, and loads it there. KernelError where
/// NVRTC or CUDA's runtime is missing, the source does not compile, or the device does not take it.
std::unique_ptr<Launcher> load_kernels(const std::string& source, const std::vector<std::string>& kernels,
                                       at::Device device);

}  // namespace hiddenkey::cuda
