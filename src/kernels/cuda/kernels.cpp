#include "kernels/cuda/kernels.h"

#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <cstdlib>

#include "core/log.h"
#include "core/text.h"
#include "kernels/cuda/libraries.h"
#include "kernels/cuda/loader.h"
#include "kernels/cuda/self_test.h"

namespace hiddenkey::cuda {
namespace {

constexpr const char* kVariable = "HIDDENKEY_KERNELS";

std::unique_ptr<Kernels> load(at::Device device) {
  return std::make_unique<Kernels>(
      Kernels{KeepMasks(load_kernels(KeepMasks::kSource, KeepMasks::kernel_names(), device))});
}

/// A tensor's device has an index; one that a caller names may mean the current one.
at::Device with_index(at::Device device) {
  return device.has_index() ? device : c10::impl::getDeviceGuardImpl(device.type())->getDevice();
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

const Kernels* KernelSwitch::get(at::Device device) {
  const std::lock_guard lock(mutex_);
  if (!on_) return nullptr;
  const auto known = loaded_.find(device.index());
  return known != loaded_.end() ? known->second.get() : try_device(device);
}

const Kernels* KernelSwitch::try_device(at::Device device) {
  try {
    std::unique_ptr<Kernels> kernels = load_(device);
    const std::string differing = differing_kernel(kernels->keep_masks, device);
    if (!differing.empty()) throw KernelError(cat(differing, " does not compute what it does on the CPU"));
    return (loaded_[device.index()] = std::move(kernels)).get();
  } catch (const std::exception& error) {
    on_ = false;
    log::warning(cat("our own GPU kernels are off, and ", device.str(),
                     " draws other dropout masks than the CPU: ", first_line(error.what())));
    return nullptr;
  }
}

bool kernels_wanted(const char* value) {
  const std::string wanted = value == nullptr ? "" : value;
  if (!wanted.empty() && wanted != "on" && wanted != "off")
    log::warning(cat(kVariable, ": ", wanted, " is neither on nor off; the kernels are on"));
  return wanted != "off";
}

const Kernels* kernels(at::Device device) {
  static KernelSwitch& all = *new KernelSwitch(kernels_wanted(std::getenv(kVariable)), load);
  return all.get(with_index(device));
}

}  // namespace hiddenkey::cuda
