#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "io/tensor_file.h"

namespace hiddenkey {

/// What a safetensors header says of one tensor; its bytes are data[begin, begin + size).
struct TensorEntry {
  at::ScalarType type = at::kFloat;
  std::vector<int64_t> shape;
  std::size_t begin = 0;
  std::size_t size = 0;
};

/// A safetensors file, mapped into memory. The header is checked in full when the file is opened (the format's own
/// specification: sizes, JSON, types, contiguous offsets from 0 to the end, no duplicate names); ModelError says what
/// is wrong and where.
class SafeTensors final : public TensorFile {
 public:
  explicit SafeTensors(const fs::path& path);

  const std::map<std::string, TensorEntry>& entries() const { return entries_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  const MappedFile& file() const override { return file_; }

  std::vector<std::string> names() const override;
  bool contains(const std::string& name) const override { return entries_.contains(name); }
  const std::vector<int64_t>& shape(const std::string& name) const override { return entries_.at(name).shape; }
  at::ScalarType type(const std::string& name) const override { return entries_.at(name).type; }
  /// ModelError where the file has no such tensor.
  at::Tensor read(const std::string& name) const override;

 private:
  MappedFile file_;
  const std::byte* data_ = nullptr;
  std::map<std::string, TensorEntry> entries_;
  std::map<std::string, std::string> metadata_;
};

using TensorList = std::vector<std::pair<std::string, at::Tensor>>;

/// Writes atomically, byte for byte as the reference implementation does for the same tensors: sorted by name (types of
/// a larger alignment first), metadata {"format": "pt"}. Tensors may be on any device.
void write_safetensors(const fs::path& path, TensorList tensors);

}  // namespace hiddenkey
