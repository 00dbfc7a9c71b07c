#pragma once

#include <string>
#include <vector>

namespace hiddenkey::cuda {

/// A device source of this folder, as the program carries it.
struct SourceFile {
  std::string name;  ///< such as keep_masks.cu
  std::string text;
};

/// All .cu and .cuh files of this folder.
const std::vector<SourceFile>& source_files();

}  // namespace hiddenkey::cuda
