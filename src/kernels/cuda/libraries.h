#pragma once

#include <string>

#include "core/error.h"
#include "core/file.h"

namespace hiddenkey::cuda {

/// Why the kernels cannot be used. The program goes on without them.
struct KernelError : Error {
  explicit KernelError(const std::string& message) : Error(ErrorKind::kBug, message) {}
};

/// The folder that LibTorch was loaded from, "" where it cannot be told.
fs::path libtorch_folder();

/// A library of CUDA that is loaded when it is first needed, since the program is not linked to any. It stays loaded.
class Library {
 public:
  /// The one that the process has loaded already, or else the one installed beside LibTorch, or else the one that the
  /// system's loader finds. KernelError where there is none.
  explicit Library(const std::string& name);

  /// The function of that name, in the place that is given. KernelError where the library has none.
  template <class Function>
  void find(const char* name, Function*& function) const {
    function = reinterpret_cast<Function*>(address_of(name));
  }

 private:
  void* address_of(const char* name) const;

  std::string name_;
  void* handle_;
};

}  // namespace hiddenkey::cuda
