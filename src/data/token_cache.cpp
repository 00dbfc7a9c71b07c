#include "data/token_cache.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>

#include "core/file.h"

namespace hiddenkey {
namespace {

constexpr std::string_view kMagic = "hiddenkey tokens 5\n";
constexpr std::size_t kChecksumSize = 64;

class Writer {
 public:
  template <class Number>
  void number(Number value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(const std::string& value) {
    number(value.size());
    bytes_ += value;
  }
  void texts(const std::vector<std::string>& values) {
    number(values.size());
    for (const std::string& value : values) text(value);
  }
  void ids(const std::vector<int32_t>& values) {
    number(values.size());
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(int32_t));
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Every read is bounded; after a failure all reads give nothing.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class Number>
  Number number() {
    Number value{};
    if (const std::string_view part = take(sizeof value); part.size() == sizeof value)
      std::memcpy(&value, part.data(), sizeof value);
    return value;
  }
  std::string text() { return std::string(take(number<std::size_t>())); }
  std::vector<std::string> texts() {
    std::vector<std::string> values(std::min(number<std::size_t>(), left()));
    for (std::string& value : values) value = text();
    return values;
  }
  std::vector<int32_t> ids() {
    const std::size_t count = number<std::size_t>();
    const bool sane = count <= bytes_.size() / sizeof(int32_t);
    const std::string_view part = take(sane ? count * sizeof(int32_t) : std::numeric_limits<std::size_t>::max());
    std::vector<int32_t> values(part.size() / sizeof(int32_t));
    if (!values.empty()) std::memcpy(values.data(), part.data(), part.size());
    return values;
  }
  bool failed() const { return failed_; }
  bool at_end() const { return bytes_.empty() && !failed_; }
  std::size_t left() const { return bytes_.size(); }

 private:
  std::string_view take(std::size_t size) {
    if (size > bytes_.size()) failed_ = true;
    if (failed_) return {};
    const std::string_view part = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return part;
  }

  std::string_view bytes_;
  bool failed_ = false;
};

}  // namespace

std::string to_cache_bytes(const Dataset& dataset, const std::vector<std::string>& labels) {
  Writer writer;
  writer.text(dataset.split);
  writer.number(dataset.truncated);
  writer.number(dataset.left_out);
  writer.number(dataset.tokens);
  writer.number(dataset.available);
  writer.texts(dataset.notes);
  writer.texts(labels);
  writer.number(dataset.examples.size());
  for (const TokenExample& example : dataset.examples) {
    writer.text(example.id);
    writer.ids(example.ids);
    writer.ids(example.type_ids);
    writer.number(static_cast<uint8_t>(example.label.has_value()));
    writer.number(example.label.value_or(0));
    writer.number(example.prompt_length);
    writer.texts(example.words);
    writer.ids(example.word_places);
    writer.number(static_cast<uint8_t>(example.labels.has_value()));
    writer.ids(example.labels.value_or(std::vector<int32_t>()));
  }
  return std::string(kMagic) + sha256_of_bytes(writer.bytes()) + writer.bytes();
}

std::optional<Dataset> from_cache_bytes(std::string_view bytes, std::vector<std::string>& labels) {
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + kChecksumSize) return std::nullopt;
  const std::string_view body = bytes.substr(kMagic.size() + kChecksumSize);
  if (sha256_of_bytes(body) != bytes.substr(kMagic.size(), kChecksumSize)) return std::nullopt;
  Reader reader(body);
  Dataset dataset;
  dataset.split = reader.text();
  dataset.truncated = reader.number<int64_t>();
  dataset.left_out = reader.number<int64_t>();
  dataset.tokens = reader.number<int64_t>();
  dataset.available = reader.number<int64_t>();
  dataset.notes = reader.texts();
  std::vector<std::string> names = reader.texts();
  dataset.examples.resize(std::min(reader.number<std::size_t>(), reader.left()));
  for (TokenExample& example : dataset.examples) {
    example.id = reader.text();
    example.ids = reader.ids();
    example.type_ids = reader.ids();
    const bool labelled = reader.number<uint8_t>() != 0;
    const double label = reader.number<double>();
    if (labelled) example.label = label;
    example.prompt_length = reader.number<int32_t>();
    example.words = reader.texts();
    example.word_places = reader.ids();
    const bool has_labels = reader.number<uint8_t>() != 0;
    std::vector<int32_t> classes = reader.ids();
    if (has_labels) example.labels = std::move(classes);
  }
  if (!reader.at_end()) return std::nullopt;
  labels = std::move(names);
  return dataset;
}

}  // namespace hiddenkey
