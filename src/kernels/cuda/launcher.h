#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

namespace hiddenkey::cuda {

/// How many blocks of how many threads run a kernel.
struct Grid {
  unsigned blocks = 1;  ///< along x
  unsigned layers = 1;  ///< along y
  unsigned threads = 1;
};

/// Starts the kernels of one source file. Each takes one struct of arguments.cuh, by value.
class Launcher {
 public:
  Launcher() = default;
  virtual ~Launcher() = default;
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  /// Queues the kernel behind what LibTorch has queued on the device, and does not wait for it.
  virtual void launch(const std::string& kernel, const Grid& grid, const void* arguments, at::Device device) const = 0;
};

}  // namespace hiddenkey::cuda
