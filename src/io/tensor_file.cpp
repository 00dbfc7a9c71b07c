#include "io/tensor_file.h"

#include "io/safetensors.h"
#include "io/torch_file.h"

namespace hiddenkey {

std::unique_ptr<TensorFile> open_tensor_file(const fs::path& path) {
  if (path.extension() == ".bin") return std::make_unique<TorchFile>(path);
  return std::make_unique<SafeTensors>(path);
}

}  // namespace hiddenkey
