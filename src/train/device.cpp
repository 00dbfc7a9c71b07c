#include "train/device.h"

#include <ATen/Parallel.h>
#include <sys/resource.h>
#include <torch/headeronly/version.h>
#include <torch/torch.h>

#ifdef HIDDENKEY_CUDA
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <cuda.h>
#endif

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {

at::Device choose_device(const std::string& name) {
  const bool has_cuda = torch::cuda::is_available();
  if (name == "cpu" || (name == "auto" && !has_cuda)) return at::kCPU;
  if (!has_cuda)
    throw ConfigError(
        cat("training.device: ", name, ": this machine has no CUDA device that LibTorch can use; take cpu or auto"));
  const at::Device device = name == "auto" ? at::Device("cuda:0") : at::Device(name);
  const int index = device.has_index() ? device.index() : 0;
  if (index >= static_cast<int>(torch::cuda::device_count())) {
    throw ConfigError(
        cat("training.device: ", name, ": this machine has ", torch::cuda::device_count(), " CUDA device(s)"));
  }
  return {at::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

std::string device_name(at::Device device) {
#ifdef HIDDENKEY_CUDA
  if (device.is_cuda()) return cat(device.str(), " (", at::cuda::getDeviceProperties(device.index())->name, ")");
#endif
  return cat(device.str(), " (", at::get_num_threads(), " threads)");
}

int64_t peak_memory(at::Device device) {
#ifdef HIDDENKEY_CUDA
  if (device.is_cuda()) {
    const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(device.index());
    return stats.allocated_bytes[static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE)].peak;
  }
#endif
  static_cast<void>(device);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

std::string library_versions() {
  std::string text = cat("LibTorch ", TORCH_VERSION);
#ifdef HIDDENKEY_CUDA
  text += cat(", CUDA ", CUDA_VERSION / 1000, ".", CUDA_VERSION % 1000 / 10);
#else
  text += ", without CUDA";
#endif
  return text;
}

}  // namespace hiddenkey
