#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/file.h"
#include "io/gguf_types.h"

namespace hiddenkey {

/// What a GGUF file says of one tensor.
struct GgufTensor {
  const GgufType* type = nullptr;
  std::vector<int64_t> shape;  ///< the slowest dimension first, as LibTorch has it (the file has it the other way)
  std::size_t begin = 0;       ///< in the file
  std::size_t size = 0;        ///< bytes
};

/// A GGUF file of version 2 or 3 (little endian), mapped into memory. Metadata and tensor table are checked in full
/// when the file is opened; ModelError says what is wrong and where.
class Gguf {
 public:
  explicit Gguf(const fs::path& path);

  const MappedFile& file() const { return file_; }
  const fs::path& path() const { return file_.path(); }
  const std::map<std::string, GgufTensor>& tensors() const { return tensors_; }
  /// ModelError where the file has no such tensor.
  const GgufTensor& tensor(const std::string& name) const;
  /// Its blocks, as they lie in the file.
  const std::byte* data(const GgufTensor& tensor) const { return file_.data() + tensor.begin; }

  /// The names of all metadata.
  std::vector<std::string> keys() const;
  /// Metadata; nothing where the key is absent, ModelError where its value is of another type.
  std::optional<std::string> text(const std::string& key) const;
  std::optional<int64_t> whole(const std::string& key) const;  ///< of any width, with or without sign
  std::optional<double> number(const std::string& key) const;  ///< also of a whole one
  std::optional<bool> flag(const std::string& key) const;
  std::optional<std::vector<std::string>> texts(const std::string& key) const;
  std::optional<std::vector<int64_t>> wholes(const std::string& key) const;
  std::optional<std::vector<double>> numbers(const std::string& key) const;

  [[noreturn]] void fail(const std::string& key, const std::string& reason) const;

 private:
  /// A value stays in the file until it is asked for: a list's length costs no memory.
  struct Value {
    uint32_t type = 0;
    uint32_t element = 0;  ///< of a list
    uint64_t count = 1;
    std::size_t begin = 0;  ///< of the (first) value's bytes
  };

  class Parser;

  const Value* find(const std::string& key) const;
  int64_t whole_at(const std::string& key, uint32_t type, std::size_t& position) const;
  double number_at(const std::string& key, uint32_t type, std::size_t& position) const;
  std::string text_at(std::size_t& position) const;
  const Value* find_list(const std::string& key) const;

  MappedFile file_;
  std::map<std::string, Value> values_;
  std::map<std::string, GgufTensor> tensors_;
};

}  // namespace hiddenkey
