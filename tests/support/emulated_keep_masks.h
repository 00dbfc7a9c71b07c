#pragma once

#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "kernels/cuda/launcher.h"
#include "support/warp_emulator.h"
// After the emulator, which gives it the names of CUDA.
#include "kernels/cuda/keep_masks.cu"

namespace hiddenkey::cuda {

/// Runs keep_masks.cu on the CPU, on tensors of the CPU.
class EmulatedKeepMasks : public Launcher {
 public:
  void launch(const std::string& kernel, const Grid& grid, const void* arguments, at::Device) const override {
    const auto run = [&](auto* function) { run_kernel(function, grid, arguments); };
    if (kernel == "keep_bytes") return run(keep_bytes);
    if (kernel == "uniform_numbers") return run(uniform_numbers);
    if (kernel == "keep_first") return run(keep_first);
    if (kernel == "keep_outside_spans") return run(keep_outside_spans);
    if (kernel == "scale_kept_float32") return run(scale_kept_float32);
    if (kernel == "scale_kept_bfloat16") return run(scale_kept_bfloat16);
    throw std::logic_error("keep_masks.cu has no kernel " + kernel);
  }

 private:
  template <class Arguments>
  static void run_kernel(void (*kernel)(Arguments), const Grid& grid, const void* arguments) {
    const Arguments copy = *static_cast<const Arguments*>(arguments);
    if (grid.threads != kThreads) throw std::logic_error("the kernels are compiled for other blocks");
    warp_emulator::run({grid.blocks, grid.layers, 1}, grid.threads, [&] { kernel(copy); });
  }
};

}  // namespace hiddenkey::cuda
