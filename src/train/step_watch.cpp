#include "train/step_watch.h"

#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>
#include <torch/csrc/autograd/profiler_kineto.h>

#include <cstdlib>
#include <set>

#include "core/error.h"

namespace hiddenkey {
namespace {

constexpr int64_t kWarmUp = 5;
constexpr int64_t kFirstProfiled = 10, kLastProfiled = 12;

/// c10::cuda::SyncDebugMode, whose header wants CUDA's own.
enum class WaitMode : int { kAllowed = 0, kError = 2 };

/// LibTorch's switch for what a call that waits for the GPU does. Its header is a function with a static variable.
WaitMode* wait_mode() {
  return static_cast<WaitMode*>(dlsym(RTLD_DEFAULT, "_ZZN3c104cuda13warning_stateEvE14warning_state_"));
}

int64_t allocations(c10::Device device) {
  return c10::getDeviceAllocator(device.type())->getDeviceStats(device.index()).num_device_alloc;
}

torch::profiler::impl::ProfilerConfig profiler() {
  return torch::profiler::impl::ProfilerConfig(torch::profiler::impl::ProfilerState::KINETO);
}

}  // namespace

StepWatch::StepWatch(c10::Device device) : device_(device) {
  if (const char* path = std::getenv("HIDDENKEY_PROFILE")) profile_ = path;
  checks_ = std::getenv("HIDDENKEY_CUDA_CHECK") != nullptr;
  if (checks_ && (!device.is_cuda() || wait_mode() == nullptr))
    throw ConfigError("HIDDENKEY_CUDA_CHECK: this device cannot be checked, or LibTorch does not tell of waits");
}

void StepWatch::begin(int64_t count) {
  if (!profile_.empty() && count == kFirstProfiled) start_profile();
  if (!checks_ || count < kWarmUp) return;
  allocations_before_ = allocations(device_);
  *wait_mode() = WaitMode::kError;
}

void StepWatch::end(int64_t count) {
  if (checks_ && count >= kWarmUp) {
    *wait_mode() = WaitMode::kAllowed;
    allocations_ += allocations(device_) - allocations_before_;
    ++checked_steps_;
  }
  if (!profile_.empty() && count == kLastProfiled) write_profile();
}

void StepWatch::start_profile() const {
  std::set<torch::profiler::impl::ActivityType> activities{torch::profiler::impl::ActivityType::CPU};
  if (device_.is_cuda()) activities.insert(torch::profiler::impl::ActivityType::CUDA);
  torch::autograd::profiler::prepareProfiler(profiler(), activities);
  torch::autograd::profiler::enableProfiler(profiler(), activities);
}

void StepWatch::write_profile() const {
  if (device_.is_cuda()) c10::impl::VirtualGuardImpl(c10::kCUDA).synchronizeDevice(device_.index());
  torch::autograd::profiler::disableProfiler()->save(profile_);
}

std::optional<CudaCheck> StepWatch::found() const {
  if (!checks_) return std::nullopt;
  return CudaCheck{checked_steps_, allocations_};
}

}  // namespace hiddenkey
