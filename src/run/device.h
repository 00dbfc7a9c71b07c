#pragma once

#include <ATen/ATen.h>

#include <string>

#include "settings/run_config.h"

namespace hiddenkey {

/// The device that training.device names, ready to compute as the config says; model.dtype is settled. Errors and
/// warnings as those of choose_device, settle_dtype and use_matmul_precision.
at::Device prepare_device(RunConfig& config);

/// The type of the base's weights where model.dtype is settled.
at::ScalarType scalar_type(BaseType dtype);

/// Puts in the place of model.dtype: auto what the device is best at: bfloat16 on a GPU that computes in it, float32
/// elsewhere and where everything is trained. ConfigError where bfloat16 is asked of a GPU that has none.
void settle_dtype(RunConfig& config, at::Device device);

/// Makes a GPU's float32 products as exact or as fast as training.matmul says. A warning on a CPU, where tf32 is not.
void use_matmul_precision(MatmulPrecision precision, at::Device device);

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
