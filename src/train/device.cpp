#include "train/device.h"

#include <ATen/Parallel.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <dlfcn.h>
#include <sys/resource.h>
#include <torch/cuda.h>
#include <torch/headeronly/version.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

constexpr const char* kDriver = "libcuda.so.1";

/// Loads LibTorch's part for CUDA, which registers itself, and returns why that was not possible, or "". The program is
/// not linked to it: it takes 0.4 s to load, a machine without a GPU has no use for it, and LibTorch for CPUs lacks it.
/// LibTorch keeps the first answer it gives about CUDA, so nothing may ask before.
std::string load_cuda() {
  if (dlopen(kDriver, RTLD_LAZY) == nullptr) return "this machine has no CUDA driver";
  if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr)
    return cat("LibTorch's part for CUDA cannot be loaded: ", dlerror());
  return torch::cuda::is_available() ? "" : "this machine has no CUDA device that LibTorch can use";
}

/// The driver's name of a device, "" where it tells none.
std::string cuda_name(int index) {
  void* driver = dlopen(kDriver, RTLD_LAZY);
  if (driver == nullptr) return "";
  const auto get_device = reinterpret_cast<int (*)(int*, int)>(dlsym(driver, "cuDeviceGet"));
  const auto get_name = reinterpret_cast<int (*)(char*, int, int)>(dlsym(driver, "cuDeviceGetName"));
  int device = 0;
  std::array<char, 256> name{};
  const bool told = get_device != nullptr && get_name != nullptr && get_device(&device, index) == 0 &&
                    get_name(name.data(), static_cast<int>(name.size()) - 1, device) == 0;
  return told ? name.data() : "";
}

c10::CachingAllocator::Stat allocated_on(at::Device device) {
  const auto stats = c10::getDeviceAllocator(device.type())->getDeviceStats(device.index());
  return stats.allocated_bytes[static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE)];
}

}  // namespace

at::Device choose_device(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  static const std::string missing = load_cuda();
  if (!missing.empty()) {
    if (name == "auto") return at::kCPU;
    throw ConfigError(cat("training.device: ", name, ": ", missing, "; take cpu or auto"));
  }
  const at::Device device = name == "auto" ? at::Device("cuda:0") : at::Device(name);
  const int index = device.has_index() ? device.index() : 0;
  if (index >= static_cast<int>(torch::cuda::device_count())) {
    throw ConfigError(
        cat("training.device: ", name, ": this machine has ", torch::cuda::device_count(), " CUDA device(s)"));
  }
  return {at::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

std::string device_name(at::Device device) {
  if (device.is_cuda()) return cat(device.str(), " (", cuda_name(device.index()), ")");
  return cat(device.str(), " (", at::get_num_threads(), " threads)");
}

int64_t peak_memory(at::Device device) {
  if (device.is_cuda()) return allocated_on(device).peak;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

int64_t held_memory(at::Device device) {
  if (device.is_cuda()) return allocated_on(device).current;
  int64_t size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;  // in pages
  return resident * sysconf(_SC_PAGESIZE);
}

std::string library_versions() { return cat("LibTorch ", TORCH_VERSION); }

}  // namespace hiddenkey
