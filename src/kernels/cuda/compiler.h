#pragma once

#include <string>
#include <vector>

#include "kernels/cuda/libraries.h"

namespace hiddenkey::cuda {

/// The name that CUDA's compiler has for a device of a compute capability, such as sm_90a. The `a` opens what only that
/// generation has.
std::string architecture_of(int major, int minor);

/// The options that every kernel is compiled with.
std::vector<std::string> compile_options(const std::string& architecture);

struct Compiled {
  std::string cubin;  ///< the device's machine code, an ELF file
  std::string log;
};

/// NVRTC, CUDA's compiler as a library, which comes with LibTorch for CUDA. It needs no device and no toolkit.
class Compiler {
 public:
  /// KernelError where NVRTC is not installed.
  Compiler();

  /// Such as 13.0.
  std::string version() const;

  /// Compiles one of source_files(), or `text` in its place. KernelError with the compiler's first line where it fails.
  Compiled compile(const std::string& source, const std::vector<std::string>& options) const;
  Compiled compile(const std::string& source, const std::string& text, const std::vector<std::string>& options) const;

 private:
  using Program = void*;

  void check(int result, const std::string& what) const;
  std::string log_of(Program program) const;

  Library library_;
  int (*version_)(int*, int*);
  int (*create_)(Program*, const char*, const char*, int, const char* const*, const char* const*);
  int (*destroy_)(Program*);
  int (*compile_)(Program, int, const char* const*);
  int (*cubin_size_)(Program, std::size_t*);
  int (*cubin_)(Program, char*);
  int (*log_size_)(Program, std::size_t*);
  int (*log_)(Program, char*);
  const char* (*error_)(int);
};

}  // namespace hiddenkey::cuda
