#include "io/gguf.h"

#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

static_assert(std::endian::native == std::endian::little, "GGUF files are read as they lie in memory");

constexpr int kMaxDepth = 4;
constexpr uint32_t kMaxDimensions = 4;
constexpr std::size_t kShownName = 100;

// The types of metadata values.
enum Type : uint32_t { kU8, kI8, kU16, kI16, kU32, kI32, kF32, kBool, kText, kList, kU64, kI64, kF64, kTypeCount };
constexpr std::array<const char*, kTypeCount> kTypeNames = {"uint8",  "int8",    "uint16", "int16", "uint32",
                                                            "int32",  "float32", "bool",   "text",  "list",
                                                            "uint64", "int64",   "float64"};
// Bytes that one value takes; of texts and lists, at least.
constexpr std::array<std::size_t, kTypeCount> kSizes = {1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8};

/// Of a name out of a file, fit for one line.
std::string fit_for_a_line(const std::string& name) {
  std::string text = name.substr(0, kShownName);
  for (char& letter : text) {
    if (static_cast<unsigned char>(letter) < ' ' || letter == '\x7f') letter = '?';
  }
  return cat('"', text, '"');
}

template <class Number>
Number load(const std::byte* at) {
  Number number;
  std::memcpy(&number, at, sizeof number);
  return number;
}

}  // namespace

/// Goes through the file once; never beyond its end.
class Gguf::Parser {
 public:
  explicit Parser(Gguf& gguf) : gguf_(gguf), data_(gguf.file_.data()), size_(gguf.file_.size()) {}

  void parse() {
    place_ = "the header";
    if (size_ < 4 || std::memcmp(data_, "GGUF", 4) != 0) fail("it does not begin with \"GGUF\"");
    position_ = 4;
    check_version(take<uint32_t>());
    const auto tensors = take<uint64_t>(), values = take<uint64_t>();
    // A value takes 13 bytes at least, a tensor 24.
    if (values > rest() / 13 || tensors > rest() / 24)
      fail(cat(tensors, " tensors and ", values, " values do not fit into the file; it may be cut off"));
    for (uint64_t i = 0; i < values; ++i) parse_value(i);
    for (uint64_t i = 0; i < tensors; ++i) parse_tensor(i);
    place_tensors();
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const {
    throw ModelError(cat(gguf_.path().string(), ": is no valid GGUF file: ", place_, ": ", reason));
  }

  std::size_t rest() const { return size_ - position_; }

  void need(uint64_t bytes) const {
    if (bytes > rest()) fail(cat("needs ", bytes, " bytes, the file has ", rest(), " more; it may be cut off"));
  }

  template <class Number>
  Number take() {
    need(sizeof(Number));
    const Number number = load<Number>(data_ + position_);
    position_ += sizeof(Number);
    return number;
  }

  std::string take_text() {
    const auto length = take<uint64_t>();
    need(length);
    std::string text(reinterpret_cast<const char*>(data_ + position_), length);
    position_ += length;
    return text;
  }

  void check_version(uint32_t version) const {
    if (version == 2 || version == 3) return;
    if (version == 0x02000000 || version == 0x03000000) fail("big endian files are not supported");
    fail(cat("version ", version, " is not supported, only 2 and 3"));
  }

  void parse_value(uint64_t number) {
    place_ = cat("metadata value ", number + 1);
    const std::string key = take_text();
    place_ = fit_for_a_line(key);
    Value value;
    value.type = take<uint32_t>();
    check_type(value.type);
    if (value.type == kList) {
      value.element = take<uint32_t>();
      value.count = take<uint64_t>();
      value.begin = position_;
      skip_list(value.element, value.count, 1);
    } else {
      value.begin = position_;
      skip(value.type, 1);
    }
    if (!gguf_.values_.emplace(key, value).second) fail("stands there twice");
  }

  void check_type(uint32_t type) const {
    if (type >= kTypeCount) fail(cat("has the unknown type ", type));
  }

  void skip_list(uint32_t element, uint64_t count, int depth) {
    check_type(element);
    if (depth > kMaxDepth) fail("lists are nested too deeply");
    if (count > rest() / kSizes[element]) fail(cat("a list of ", count, " values does not fit into the file"));
    if (element != kText && element != kList && element != kBool) {
      position_ += count * kSizes[element];
      return;
    }
    for (uint64_t i = 0; i < count; ++i) skip(element, depth + 1);
  }

  void skip(uint32_t type, int depth) {
    if (type == kText) {
      const auto length = take<uint64_t>();
      need(length);
      position_ += length;
    } else if (type == kList) {
      const auto element = take<uint32_t>();
      const auto count = take<uint64_t>();
      skip_list(element, count, depth);
    } else {
      need(kSizes[type]);
      if (type == kBool && load<uint8_t>(data_ + position_) > 1) fail("a bool is neither 0 nor 1");
      position_ += kSizes[type];
    }
  }

  void parse_tensor(uint64_t number) {
    place_ = cat("tensor ", number + 1);
    const std::string name = take_text();
    place_ = cat("tensor ", fit_for_a_line(name));
    GgufTensor tensor;
    const auto dimensions = take<uint32_t>();
    if (dimensions > kMaxDimensions) fail(cat("has ", dimensions, " dimensions, more than ", kMaxDimensions));
    uint64_t values = 1;
    for (uint32_t i = 0; i < dimensions; ++i) {
      const auto size = take<uint64_t>();
      if (size > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) ||
          __builtin_mul_overflow(values, size, &values))
        fail("the shape is too large");
      tensor.shape.insert(tensor.shape.begin(), static_cast<int64_t>(size));
    }
    const auto type = take<uint32_t>();
    tensor.type = find_gguf_type(type);
    if (tensor.type == nullptr) fail(cat("the type ", gguf_type_name(type), " is not supported"));
    const auto block = static_cast<uint64_t>(tensor.type->values);
    const uint64_t row = tensor.shape.empty() ? 1 : static_cast<uint64_t>(tensor.shape.back());
    if (row % block != 0) fail(cat("rows of ", row, " values are no whole blocks of ", tensor.type->name));
    if (__builtin_mul_overflow(values / block, tensor.type->bytes, &tensor.size)) fail("the shape is too large");
    tensor.begin = take<uint64_t>();
    if (!gguf_.tensors_.emplace(name, tensor).second) fail("stands there twice");
  }

  /// Offsets count from the end of the table, rounded up.
  void place_tensors() {
    const int64_t alignment = gguf_.whole("general.alignment").value_or(32);
    if (alignment < 1 || !std::has_single_bit(static_cast<uint64_t>(alignment)))
      gguf_.fail("general.alignment", cat(alignment, " is no power of two"));
    const std::size_t beyond = position_ % static_cast<std::size_t>(alignment);
    const std::size_t gap = beyond == 0 ? 0 : static_cast<std::size_t>(alignment) - beyond;
    const std::size_t held = gap > rest() ? 0 : rest() - gap;
    for (auto& [name, tensor] : gguf_.tensors_) {
      place_ = cat("tensor ", fit_for_a_line(name));
      if (tensor.begin > held || tensor.size > held - tensor.begin)
        fail(cat(tensor.size, " bytes at ", tensor.begin, " lie outside of the file's ", held,
                 " bytes of data; it may be cut off"));
      tensor.begin += position_ + gap;
    }
  }

  Gguf& gguf_;
  const std::byte* data_;
  std::size_t size_;
  std::size_t position_ = 0;
  std::string place_;
};

Gguf::Gguf(const fs::path& path) : file_(path) { Parser(*this).parse(); }

void Gguf::fail(const std::string& key, const std::string& reason) const {
  throw ModelError(cat(path().string(), ": ", key, ": ", reason));
}

const GgufTensor& Gguf::tensor(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) throw ModelError(cat(path().string(), ": has no tensor \"", name, "\""));
  return found->second;
}

const Gguf::Value* Gguf::find(const std::string& key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

const Gguf::Value* Gguf::find_list(const std::string& key) const {
  const Value* value = find(key);
  if (value != nullptr && value->type != kList) fail(key, cat("is of type ", kTypeNames[value->type], ", not a list"));
  return value;
}

int64_t Gguf::whole_at(const std::string& key, uint32_t type, std::size_t& position) const {
  const std::byte* at = file_.data() + position;
  position += kSizes[type];
  switch (type) {
    case kU8:
      return load<uint8_t>(at);
    case kI8:
      return load<int8_t>(at);
    case kU16:
      return load<uint16_t>(at);
    case kI16:
      return load<int16_t>(at);
    case kU32:
      return load<uint32_t>(at);
    case kI32:
      return load<int32_t>(at);
    case kI64:
      return load<int64_t>(at);
    case kU64:
      if (load<int64_t>(at) < 0) fail(key, cat(load<uint64_t>(at), " is too large"));
      return load<int64_t>(at);
    default:
      fail(key, cat("is of type ", kTypeNames[type], ", not a whole number"));
  }
}

double Gguf::number_at(const std::string& key, uint32_t type, std::size_t& position) const {
  const std::byte* at = file_.data() + position;
  if (type == kText || type == kBool || type == kList)
    fail(key, cat("is of type ", kTypeNames[type], ", not a number"));
  if (type != kF32 && type != kF64) return static_cast<double>(whole_at(key, type, position));
  position += kSizes[type];
  return type == kF32 ? static_cast<double>(load<float>(at)) : load<double>(at);
}

std::string Gguf::text_at(std::size_t& position) const {
  const auto length = load<uint64_t>(file_.data() + position);
  std::string text(reinterpret_cast<const char*>(file_.data() + position + sizeof length), length);
  position += sizeof length + length;
  return text;
}

std::optional<std::string> Gguf::text(const std::string& key) const {
  const Value* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->type != kText) fail(key, cat("is of type ", kTypeNames[value->type], ", not text"));
  std::size_t position = value->begin;
  return text_at(position);
}

std::vector<std::string> Gguf::keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, value] : values_) keys.push_back(key);
  return keys;
}

std::optional<int64_t> Gguf::whole(const std::string& key) const {
  const Value* value = find(key);
  if (value == nullptr) return std::nullopt;
  std::size_t position = value->begin;
  return whole_at(key, value->type, position);
}

std::optional<double> Gguf::number(const std::string& key) const {
  const Value* value = find(key);
  if (value == nullptr) return std::nullopt;
  std::size_t position = value->begin;
  return number_at(key, value->type, position);
}

std::optional<bool> Gguf::flag(const std::string& key) const {
  const Value* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (value->type != kBool) fail(key, cat("is of type ", kTypeNames[value->type], ", not a bool"));
  return load<uint8_t>(file_.data() + value->begin) != 0;
}

std::optional<std::vector<std::string>> Gguf::texts(const std::string& key) const {
  const Value* value = find_list(key);
  if (value == nullptr) return std::nullopt;
  if (value->element != kText) fail(key, cat("is a list of ", kTypeNames[value->element], ", not of texts"));
  std::vector<std::string> list;
  std::size_t position = value->begin;
  for (uint64_t i = 0; i < value->count; ++i) list.push_back(text_at(position));
  return list;
}

std::optional<std::vector<int64_t>> Gguf::wholes(const std::string& key) const {
  const Value* value = find_list(key);
  if (value == nullptr) return std::nullopt;
  std::vector<int64_t> list;
  std::size_t position = value->begin;
  for (uint64_t i = 0; i < value->count; ++i) list.push_back(whole_at(key, value->element, position));
  return list;
}

std::optional<std::vector<double>> Gguf::numbers(const std::string& key) const {
  const Value* value = find_list(key);
  if (value == nullptr) return std::nullopt;
  std::vector<double> list;
  std::size_t position = value->begin;
  for (uint64_t i = 0; i < value->count; ++i) list.push_back(number_at(key, value->element, position));
  return list;
}

}  // namespace hiddenkey
