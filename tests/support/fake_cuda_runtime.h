#pragma once

#include <string>
#include <vector>

/// A library that has the name of CUDA's runtime and as much of it as the kernels' loader calls. It knows one kind of
/// device, of compute capability 9.0, and computes nothing.
namespace fake_cuda_runtime {

struct Launch {
  const void* kernel;
  unsigned grid[3], block[3];
  const void* arguments;
  void* stream;
};

/// What has been asked of the library, and what it shall answer.
struct Record {
  std::string loaded;                ///< the first bytes of the last cubin
  std::vector<std::string> kernels;  ///< asked for by name; their number, from 1, is their handle
  std::vector<Launch> launches;
  int errors_read = 0;
  int result = 0;  ///< of the calls that follow
};

Record& record();

}  // namespace fake_cuda_runtime
