#include "kernels/cuda/libraries.h"

#include <dlfcn.h>
#include <link.h>

#include "core/text.h"

namespace hiddenkey::cuda {
namespace {

void* open_library(const std::string& name) {
  if (void* loaded = dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD)) return loaded;
  const fs::path folder = libtorch_folder();
  if (!folder.empty()) {
    // Where the packages that torch's wheel requires put it.
    const fs::path beside = folder / "../../nvidia/cu13/lib" / name;
    if (void* found = dlopen(beside.c_str(), RTLD_LAZY)) return found;
  }
  return dlopen(name.c_str(), RTLD_LAZY);
}

}  // namespace

fs::path libtorch_folder() {
  void* libtorch = dlopen("libc10.so", RTLD_LAZY | RTLD_NOLOAD);
  link_map* place = nullptr;
  if (libtorch == nullptr || dlinfo(libtorch, RTLD_DI_LINKMAP, &place) != 0) return {};
  std::error_code error;
  const fs::path file = fs::weakly_canonical(place->l_name, error);
  return error ? fs::path() : file.parent_path();
}

Library::Library(const std::string& name) : name_(name), handle_(open_library(name)) {
  if (handle_ == nullptr) throw KernelError(cat(name, " cannot be loaded"));
}

void* Library::address_of(const char* name) const {
  void* address = dlsym(handle_, name);
  if (address == nullptr) throw KernelError(cat(name_, " has no function ", name));
  return address;
}

}  // namespace hiddenkey::cuda
