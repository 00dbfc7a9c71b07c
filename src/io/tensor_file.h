#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <vector>

#include "core/file.h"

namespace hiddenkey {

/// One file of named tensors. Only known names may be asked for.
class TensorFile {
 public:
  TensorFile() = default;
  virtual ~TensorFile() = default;
  TensorFile(const TensorFile&) = delete;
  TensorFile& operator=(const TensorFile&) = delete;

  virtual const MappedFile& file() const = 0;
  const fs::path& path() const { return file().path(); }
  virtual std::vector<std::string> names() const = 0;
  virtual bool contains(const std::string& name) const = 0;
  virtual const std::vector<int64_t>& shape(const std::string& name) const = 0;
  virtual at::ScalarType type(const std::string& name) const = 0;
  /// A copy of its own, on the CPU.
  virtual at::Tensor read(const std::string& name) const = 0;
};

/// Opens a safetensors file, or what torch.save wrote where the name ends in .bin. ModelError as their readers have it.
std::unique_ptr<TensorFile> open_tensor_file(const fs::path& path);

}  // namespace hiddenkey
