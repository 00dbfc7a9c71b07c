# Writes OUTPUT, a C++ source that holds the files named after `--` as strings (kernels/cuda/sources.h declares them).
set(entries "")
set(listed OFF)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
  if(listed)
    get_filename_component(name "${CMAKE_ARGV${i}}" NAME)
    file(READ "${CMAKE_ARGV${i}}" text)
    string(APPEND entries "    {\"${name}\", R\"hiddenkey(${text})hiddenkey\"},\n")
  elseif(CMAKE_ARGV${i} STREQUAL "--")
    set(listed ON)
  endif()
endforeach()
file(WRITE "${OUTPUT}" "// Made by embed_kernels.cmake.
#include \"kernels/cuda/sources.h\"

namespace hiddenkey::cuda {

const std::vector<SourceFile>& source_files() {
  static const std::vector<SourceFile> files = {
${entries}  };
  return files;
}

}  // namespace hiddenkey::cuda
")
