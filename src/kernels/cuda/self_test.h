#pragma once

#include <string>

#include "kernels/cuda/keep_masks.h"

namespace hiddenkey::cuda {

/// Runs each kernel on the device with random input and compares with what the CPU computes, bit by bit: the name of
/// the first one that differs, or "". Waits for the device.
std::string differing_kernel(const KeepMasks& kernels, at::Device device);

}  // namespace hiddenkey::cuda
