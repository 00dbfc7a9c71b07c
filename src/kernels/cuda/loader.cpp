#include "kernels/cuda/loader.h"

#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <map>

#include "core/text.h"
#include "kernels/cuda/compiler.h"
#include "kernels/cuda/cubin_cache.h"
#include "kernels/cuda/libraries.h"
#include "kernels/cuda/sources.h"

namespace hiddenkey::cuda {
namespace {

/// CUDA's runtime: the very library that LibTorch has loaded, so that both mean the same context, the current device's
/// primary one. The driver's own interface would ask for a context to be made current on each thread.
class Runtime {
 public:
  struct Dim3 {
    unsigned x, y, z;
  };

  Runtime() : library_("libcudart.so.13") {
    library_.find("cudaDeviceGetAttribute", attribute);
    library_.find("cudaLibraryLoadData", load);
    library_.find("cudaLibraryGetKernel", get_kernel);
    library_.find("cudaLaunchKernel", launch);
    library_.find("cudaGetLastError", last_error);
    library_.find("cudaGetErrorString", error_text);
  }

  int (*attribute)(int*, int, int);
  int (*load)(void**, const void*, void*, void**, unsigned, void*, void**, unsigned);
  int (*get_kernel)(void**, void*, const char*);
  int (*launch)(const void*, Dim3, Dim3, void**, std::size_t, void*);

  void check(int result, const std::string& what) const {
    if (result == 0) return;
    last_error();  // LibTorch would take an error that is left here for one of its own
    throw KernelError(cat(what, ": ", error_text(result)));
  }

 private:
  Library library_;
  int (*last_error)();
  const char* (*error_text)(int);
};

const Runtime& runtime() {
  static const Runtime& loaded = *new Runtime;
  return loaded;
}

class CudaLauncher : public Launcher {
 public:
  CudaLauncher(const std::string& cubin, const std::vector<std::string>& kernels) {
    void* library = nullptr;  // stays loaded: the process may still launch while it ends
    runtime().check(runtime().load(&library, cubin.data(), nullptr, nullptr, 0, nullptr, nullptr, 0), "loading");
    for (const std::string& name : kernels) {
      runtime().check(runtime().get_kernel(&kernels_[name], library, name.c_str()), name);
    }
  }

  void launch(const std::string& kernel, const Grid& grid, const void* arguments, at::Device device) const override {
    const c10::DeviceGuard guard(device);
    void* stream = c10::impl::getDeviceGuardImpl(device.type())->getStream(device).native_handle();
    void* parameters[] = {const_cast<void*>(arguments)};
    const int result = runtime().launch(kernels_.at(kernel), {grid.blocks, grid.layers, 1}, {grid.threads, 1, 1},
                                        parameters, 0, stream);
    runtime().check(result, cat("the kernel ", kernel, " cannot be launched"));
  }

 private:
  std::map<std::string, void*> kernels_;
};

std::string architecture(at::Device device) {
  constexpr int kMajor = 75, kMinor = 76;  // cudaDevAttrComputeCapabilityMajor and -Minor
  int major = 0, minor = 0;
  runtime().check(runtime().attribute(&major, kMajor, device.index()), "the device tells no compute capability");
  runtime().check(runtime().attribute(&minor, kMinor, device.index()), "the device tells no compute capability");
  return architecture_of(major, minor);
}

/// All that decides about the cubin. Headers count as much as the source.
std::vector<std::string> cache_parts(const std::string& source, const std::vector<std::string>& options,
                                     const std::string& version) {
  std::vector<std::string> parts{version, source};
  parts.insert(parts.end(), options.begin(), options.end());
  for (const SourceFile& file : source_files()) {
    if (file.name != source && !file.name.ends_with(".cuh")) continue;
    parts.push_back(file.name);
    parts.push_back(file.text);
  }
  return parts;
}

}  // namespace

std::unique_ptr<Launcher> load_kernels(const std::string& source, const std::vector<std::string>& kernels,
                                       at::Device device) {
  const c10::DeviceGuard guard(device);
  const std::vector<std::string> options = compile_options(architecture(device));
  const Compiler compiler;
  const std::string cubin = user_cubin_cache().get(cache_parts(source, options, compiler.version()),
                                                   [&] { return compiler.compile(source, options).cubin; });
  return std::make_unique<CudaLauncher>(cubin, kernels);
}

}  // namespace hiddenkey::cuda
