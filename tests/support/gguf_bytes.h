#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace hiddenkey {

/// The bytes of a GGUF file, put together by hand.
class GgufBytes {
 public:
  template <class Number>
  static std::string number(Number value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
  }
  static std::string text(const std::string& value) { return number<uint64_t>(value.size()) + value; }
  static std::string texts(const std::vector<std::string>& values) {
    std::string bytes = number<uint32_t>(8) + number<uint64_t>(values.size());
    for (const std::string& value : values) bytes += text(value);
    return bytes;
  }

  GgufBytes& value(const std::string& key, uint32_t type, const std::string& bytes) {
    values_ += text(key) + number(type) + bytes;
    ++num_values_;
    return *this;
  }
  GgufBytes& u32(const std::string& key, uint32_t value_of) { return value(key, 4, number(value_of)); }
  GgufBytes& f32(const std::string& key, float value_of) { return value(key, 6, number(value_of)); }
  GgufBytes& string(const std::string& key, const std::string& value_of) { return value(key, 8, text(value_of)); }

  /// `shape` as the file has it: the fastest dimension first.
  GgufBytes& tensor(const std::string& name, const std::vector<uint64_t>& shape, uint32_t type,
                    const std::string& data) {
    data_.resize((data_.size() + 31) / 32 * 32);
    entry(name, shape, type, data_.size());
    data_ += data;
    return *this;
  }
  GgufBytes& tensor(const std::string& name, const std::vector<uint64_t>& shape, const std::vector<float>& values) {
    std::string data(values.size() * sizeof(float), '\0');
    std::memcpy(data.data(), values.data(), data.size());
    return tensor(name, shape, 0, data);
  }
  /// Alone in the table.
  GgufBytes& entry(const std::string& name, const std::vector<uint64_t>& shape, uint32_t type, uint64_t offset) {
    tensors_ += text(name) + number(static_cast<uint32_t>(shape.size()));
    for (const uint64_t size : shape) tensors_ += number(size);
    tensors_ += number(type) + number(offset);
    ++num_tensors_;
    return *this;
  }

  std::string bytes(uint32_t version = 3) const {
    std::string all = "GGUF" + number(version) + number(num_tensors_) + number(num_values_) + values_ + tensors_;
    if (num_tensors_ > 0) all.resize((all.size() + 31) / 32 * 32);
    return all + data_;
  }

 private:
  std::string values_, tensors_, data_;
  uint64_t num_values_ = 0, num_tensors_ = 0;
};

}  // namespace hiddenkey
