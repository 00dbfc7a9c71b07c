#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "kernels/cuda/keep_masks.h"

namespace hiddenkey::cuda {

/// All kernels of one device. A new one is a member here, and a line in `load` and `differing_kernel` (kernels.cpp).
struct Kernels {
  KeepMasks keep_masks;
};

/// The kernels of this device, null where they are off: `HIDDENKEY_KERNELS=off`, or one of them cannot be compiled,
/// loaded or does not compute what its reference does. Found out at the first call for a device, which waits for it and
/// must not come while a graph is captured; where kernels are off for a fault, one warning has said why.
const Kernels* kernels(at::Device device);

/// What is behind `kernels`, for tests.
class KernelSwitch {
 public:
  using Load = std::function<std::unique_ptr<Kernels>(at::Device)>;  ///< throws what stands in the way

  KernelSwitch(bool on, Load load) : on_(on), load_(std::move(load)) {}
  const Kernels* get(at::Device device);

 private:
  const Kernels* try_device(at::Device device);

  std::mutex mutex_;
  bool on_;
  Load load_;
  std::map<int, std::unique_ptr<Kernels>> loaded_;
};

/// Whether the environment leaves the kernels on. A value that is neither `on` nor `off` is warned of, and is on.
bool kernels_wanted(const char* value);

}  // namespace hiddenkey::cuda
