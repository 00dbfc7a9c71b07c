#include "run/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>
#include <sys/resource.h>
#include <torch/cuda.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <mutex>

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

constexpr const char* kDriver = "libcuda.so.1";

/// Loads LibTorch's part for CUDA, which registers itself, and returns why that was not possible, or "". The program is
/// not linked to it: it takes 0.4 s to load, a machine without a GPU has no use for it, and LibTorch for CPUs lacks it.
/// LibTorch keeps the first answer it gives about CUDA, so nothing may ask before.
std::string load_cuda() {
  if (dlopen(kDriver, RTLD_LAZY) == nullptr) return "this machine has no CUDA driver";
  // Sizes change with every batch: segments that can grow do not fall apart. Whoever sets this is obeyed.
  if (std::getenv("PYTORCH_CUDA_ALLOC_CONF") == nullptr) setenv("PYTORCH_ALLOC_CONF", "expandable_segments:True", 0);
  if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr)
    return cat("LibTorch's part for CUDA cannot be loaded: ", dlerror());
  return torch::cuda::is_available() ? "" : "this machine has no CUDA device that LibTorch can use";
}

/// Asks the driver about a device: `Function` by its name, with the device as its last argument. False where it does
/// not tell.
template <class... Arguments>
bool ask_driver(const char* function, int index, Arguments... arguments) {
  void* driver = dlopen(kDriver, RTLD_LAZY);
  if (driver == nullptr) return false;
  const auto get_device = reinterpret_cast<int (*)(int*, int)>(dlsym(driver, "cuDeviceGet"));
  const auto ask = reinterpret_cast<int (*)(Arguments..., int)>(dlsym(driver, function));
  int device = 0;
  return get_device != nullptr && ask != nullptr && get_device(&device, index) == 0 && ask(arguments..., device) == 0;
}

/// The driver's name of a device, "" where it tells none.
std::string cuda_name(int index) {
  std::array<char, 256> name{};
  const bool told = ask_driver("cuDeviceGetName", index, name.data(), static_cast<int>(name.size()) - 1);
  return told ? name.data() : "";
}

/// What holds for all that is computed on the device.
void prepare_cuda(at::Device device) {
  // Its attention gives NaN for some shapes, plans anew for each, and does not repeat bit for bit.
  at::globalContext().setSDPUseCuDNN(false);
  // Pinned memory and streams are those of the current device: without this they open a context on the first GPU.
  c10::impl::VirtualGuardImpl(at::kCUDA).setDevice(device);
}

/// The CPU in a GPU's place. Whoever has a driver is told once why: it can be too old, or CUDA_VISIBLE_DEVICES hides
/// all.
at::Device cpu_instead(const std::string& reason) {
  static std::once_flag said;
  if (dlopen(kDriver, RTLD_LAZY) != nullptr) std::call_once(said, [&] { log::warning("no GPU is used: " + reason); });
  return at::kCPU;
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
    if (name == "auto") return cpu_instead(missing);
    throw ConfigError(cat("training.device: ", name, ": ", missing, "; take cpu or auto"));
  }
  const at::Device device = name == "auto" ? at::Device("cuda:0") : at::Device(name);
  const int index = device.has_index() ? device.index() : 0;
  const int count = static_cast<unsigned char>(torch::cuda::device_count());
  if (index >= count)
    throw ConfigError(cat("training.device: ", name, ": this machine has ", count, " CUDA device(s)"));
  const at::Device chosen(at::kCUDA, static_cast<c10::DeviceIndex>(index));
  prepare_cuda(chosen);
  return chosen;
}

bool computes_bfloat16(at::Device device) {
  if (!device.is_cuda()) return true;
  constexpr int kMajor = 75;  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
  int major = 0;
  return ask_driver("cuDeviceGetAttribute", device.index(), &major, kMajor) && major >= 8;
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
