#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <optional>
#include <string>

#include "report/run_result.h"

namespace hiddenkey {

/// Watches steps for whoever measures the program (docs/gpu.md says how), and does nothing where no variable of the
/// environment asks for it.
///   HIDDENKEY_CUDA_CHECK=1   From the sixth step on a call that waits for the GPU is an error of LibTorch, and what a
///                            step asks of CUDA's memory is counted.
///   HIDDENKEY_PROFILE=FILE   A trace of the three steps after the tenth is written, as Chrome and Perfetto read it.
class StepWatch {
 public:
  /// ConfigError where CUDA is to be checked and the device is none of it.
  explicit StepWatch(c10::Device device);

  /// Around the work of a step. `count` is how many steps this process has done before.
  void begin(int64_t count);
  void end(int64_t count);

  /// Nothing where nothing was checked.
  std::optional<CudaCheck> found() const;

 private:
  void start_profile() const;
  void write_profile() const;

  c10::Device device_;
  bool checks_ = false;
  std::string profile_;
  int64_t checked_steps_ = 0;
  int64_t allocations_before_ = 0;
  int64_t allocations_ = 0;
};

}  // namespace hiddenkey
