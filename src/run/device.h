#pragma once

#include <ATen/ATen.h>

#include <string>

namespace hiddenkey {

/// "auto" takes a GPU if there is one, which becomes the current one. ConfigError where the device asked for does not
/// exist.
at::Device choose_device(const std::string& name);

/// Whether the device computes in bfloat16: GPUs do from compute capability 8.0 on, CPUs always.
bool computes_bfloat16(at::Device device);

/// For people: "cuda:0 (NVIDIA H200)", "cpu (2 threads)".
std::string device_name(at::Device device);

/// The most memory this process has held: the device's allocations on CUDA, resident pages on a CPU. Bytes.
int64_t peak_memory(at::Device device);

/// What it holds now, likewise.
int64_t held_memory(at::Device device);

}  // namespace hiddenkey
