# Imported targets for the LibTorch inside a `torch` wheel, or the unpacked C++ distribution.
#
#   LIBTORCH   (cache or environment) the folder that holds include/ and lib/
#
# Defines LibTorch::LibTorch and LibTorch_VERSION. Its part for CUDA is loaded when the program runs, where there is a GPU
# (train/device.cpp): one build serves LibTorch with CUDA and without.
# TorchConfig.cmake is not used: the wheel's one demands a CUDA toolkit, which compiling against it does not need.
set(_cache "$ENV{XDG_CACHE_HOME}")
if(NOT _cache)
  set(_cache "$ENV{HOME}/.cache")
endif()
file(GLOB _installed "${_cache}/hiddenkey/python-2.11.0/lib/python3*/site-packages/torch")

find_path(LibTorch_ROOT include/ATen/ATen.h
  HINTS "${LIBTORCH}" "$ENV{LIBTORCH}" ${_installed}
  NO_DEFAULT_PATH
  DOC "The folder of LibTorch that holds include/ and lib/")

set(LibTorch_VERSION "")
if(LibTorch_ROOT)
  file(STRINGS "${LibTorch_ROOT}/include/torch/headeronly/version.h" _lines REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
  foreach(_line IN LISTS _lines)
    string(REGEX MATCH "[0-9]+$" _number "${_line}")
    list(APPEND _numbers "${_number}")
  endforeach()
  list(JOIN _numbers "." LibTorch_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_ROOT
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "run scripts/setup.sh, or point LIBTORCH at a torch folder")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    "${LibTorch_ROOT}/include" "${LibTorch_ROOT}/include/torch/csrc/api/include")
  # libstdc++ comes first: LibTorch exports a std::filesystem of its own (an older one, whose remove_all crashes), and the
  # first library that has a symbol wins.
  target_link_options(LibTorch::LibTorch INTERFACE "-Wl,-rpath,${LibTorch_ROOT}/lib")
  target_link_libraries(LibTorch::LibTorch INTERFACE "-Wl,--push-state,--no-as-needed,-lstdc++,${LibTorch_ROOT}/lib/libtorch_cpu.so,${LibTorch_ROOT}/lib/libc10.so,--pop-state")
endif()
