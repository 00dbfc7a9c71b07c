#include "fake_cuda_runtime.h"

#include <cstddef>
#include <cstdint>

namespace fake_cuda_runtime {

Record& record() {
  static Record all;
  return all;
}

}  // namespace fake_cuda_runtime

using fake_cuda_runtime::record;

extern "C" {

struct Dimensions {
  unsigned x, y, z;
};

int cudaDeviceGetAttribute(int* value, int attribute, int) {
  *value = attribute == 75 ? 9 : 0;
  return record().result;
}

int cudaLibraryLoadData(void** library, const void* code, void*, void**, unsigned, void*, void**, unsigned) {
  record().loaded.assign(static_cast<const char*>(code), 4);
  *library = library;
  return record().result;
}

int cudaLibraryGetKernel(void** kernel, void*, const char* name) {
  record().kernels.emplace_back(name);
  *kernel = reinterpret_cast<void*>(record().kernels.size());
  return record().result;
}

int cudaLaunchKernel(const void* kernel, Dimensions grid, Dimensions block, void** arguments, std::size_t,
                     void* stream) {
  record().launches.push_back({kernel, {grid.x, grid.y, grid.z}, {block.x, block.y, block.z}, arguments[0], stream});
  return record().result;
}

int cudaGetLastError() {
  ++record().errors_read;
  return 0;
}

const char* cudaGetErrorString(int) { return "an error of the fake runtime"; }
}
