#pragma once

#include <string>
#include <vector>

namespace hiddenkey {

/// What one of several workers may use of a machine.
struct Share {
  int threads = 1;
  bool alone = true;  ///< no worker of the sweep runs beside it
  std::string gpu;    ///< as CUDA_VISIBLE_DEVICES names it; "": whatever there is
};

/// Divides processors, so that no thread waits for another one's core, and gives one GPU each where there are several.
std::vector<Share> share_out(int workers, int processors, const std::vector<std::string>& gpus);

/// What this process may use: OMP_NUM_THREADS, or the processors that it may run on.
int usable_processors();
/// The GPUs that CUDA_VISIBLE_DEVICES names, or that the driver has.
std::vector<std::string> usable_gpus();

}  // namespace hiddenkey
