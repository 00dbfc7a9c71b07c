#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/pickle.h"
#include "io/tensor_file.h"

namespace hiddenkey {

/// A dictionary of tensors as torch.save writes it (pytorch_model.bin, adapter_model.bin): the zip form, and the form
/// before PyTorch 1.6. The pickle inside is read by rules of our own that run nothing. When the file is opened, every
/// tensor is checked to lie within its storage, and every storage within the file. ModelError says what is wrong.
class TorchFile final : public TensorFile {
 public:
  explicit TorchFile(const fs::path& path);
  ~TorchFile() override;

  const MappedFile& file() const override { return file_; }
  std::vector<std::string> names() const override;
  bool contains(const std::string& name) const override { return tensors_.contains(name); }
  const std::vector<int64_t>& shape(const std::string& name) const override { return tensors_.at(name).sizes; }
  at::ScalarType type(const std::string& name) const override { return tensors_.at(name).storage.type; }
  at::Tensor read(const std::string& name) const override;

  /// Where the bytes of storages lie; the two forms of the file differ in that alone.
  class Storages {
   public:
    Storages() = default;
    virtual ~Storages() = default;
    Storages(const Storages&) = delete;
    Storages& operator=(const Storages&) = delete;
    /// The number of bytes; ModelError where the file has no such storage.
    virtual std::size_t size(const std::string& key) = 0;
    virtual void read(const std::string& key, void* to, std::size_t size) = 0;
  };

 private:
  MappedFile file_;
  std::unique_ptr<Storages> storages_;
  std::map<std::string, PickledTensor> tensors_;
};

}  // namespace hiddenkey
