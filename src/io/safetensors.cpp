#include "io/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLengthBytes = 8;
constexpr uint64_t kMaxHeader = 100'000'000;
constexpr int kMaxDepth = 4;

struct TypeName {
  const char* name;
  at::ScalarType type;
};
// In the reference's order of alignment: what it writes first stands last.
constexpr std::array<TypeName, 16> kTypes = {{{"BOOL", at::kBool},
                                              {"U8", at::kByte},
                                              {"I8", at::kChar},
                                              {"F8_E5M2", at::kFloat8_e5m2},
                                              {"F8_E4M3", at::kFloat8_e4m3fn},
                                              {"F8_E8M0", at::kFloat8_e8m0fnu},
                                              {"I16", at::kShort},
                                              {"U16", at::kUInt16},
                                              {"F16", at::kHalf},
                                              {"BF16", at::kBFloat16},
                                              {"I32", at::kInt},
                                              {"U32", at::kUInt32},
                                              {"F32", at::kFloat},
                                              {"F64", at::kDouble},
                                              {"I64", at::kLong},
                                              {"U64", at::kUInt64}}};

std::size_t rank_of(at::ScalarType type) {
  const auto found =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeName& known) { return known.type == type; });
  if (found == kTypes.end()) throw Error(ErrorKind::kBug, "a tensor has a type that safetensors files cannot hold");
  return static_cast<std::size_t>(found - kTypes.begin());
}

/// The header's checks; every failure names the file, and the tensor where there is one.
class HeaderReader {
 public:
  HeaderReader(const fs::path& path, std::size_t data_size) : path_(path), data_size_(data_size) {}

  void read(std::string_view header, std::map<std::string, TensorEntry>& entries,
            std::map<std::string, std::string>& metadata) const {
    if (header.empty() || header.front() != '{') fail("the header does not begin with \"{\"");
    // The JSON library takes a NUL for the end of its input.
    if (header.find('\0') != std::string_view::npos) fail("the header holds a NUL");
    const Json json = parse(header);
    for (const auto& [name, value] : json.items()) {
      if (name == "__metadata__") {
        read_metadata(value, metadata);
      } else {
        entries.emplace(name, read_entry(name, value));
      }
    }
    check_offsets(entries);
  }

  [[noreturn]] void fail(const std::string& reason) const {
    throw ModelError(cat(path_.string(), ": is no valid safetensors file: ", reason));
  }

 private:
  Json parse(std::string_view header) const {
    std::vector<std::set<std::string>> keys;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
      if (depth > kMaxDepth) fail("the header is nested too deeply");
      if (event == Json::parse_event_t::object_start) keys.emplace_back();
      if (event == Json::parse_event_t::object_end) keys.pop_back();
      if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second) {
        fail(cat("the header holds \"", value.get<std::string>(), "\" twice"));
      }
      return true;
    };
    try {
      return Json::parse(header, watch);
    } catch (const Json::exception&) {
      fail("the header is no valid JSON");
    }
  }

  void read_metadata(const Json& value, std::map<std::string, std::string>& metadata) const {
    if (!value.is_object()) fail("__metadata__ is no object");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail(cat("__metadata__.", key, " is no text"));
      metadata[key] = text.get<std::string>();
    }
  }

  TensorEntry read_entry(const std::string& name, const Json& value) const {
    const auto bad = [&](const std::string& reason) { fail(cat("tensor \"", name.substr(0, 200), "\": ", reason)); };
    if (!value.is_object() || !value.contains("dtype") || !value.contains("shape") || !value.contains("data_offsets")) {
      bad("dtype, shape or data_offsets is missing");
    }
    TensorEntry entry;
    if (!value["dtype"].is_string()) bad("dtype is no text");
    const std::string type = value["dtype"].get<std::string>();
    const auto known = std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeName& t) { return type == t.name; });
    if (known == kTypes.end()) bad(cat("the type \"", type.substr(0, 40), "\" is not supported"));
    entry.type = known->type;
    const Json &shape = value["shape"], &offsets = value["data_offsets"];
    if (!shape.is_array() || !offsets.is_array() || offsets.size() != 2)
      bad("shape or data_offsets is no list of the right length");
    uint64_t bytes = c10::elementSize(entry.type);
    for (const Json& dimension : shape) {
      if (!dimension.is_number_unsigned()) bad("shape holds something else than whole numbers from 0");
      const uint64_t size = dimension.get<uint64_t>();
      if (size > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) ||
          __builtin_mul_overflow(bytes, size, &bytes)) {
        bad("the shape is too large");
      }
      entry.shape.push_back(static_cast<int64_t>(size));
    }
    if (!offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned())
      bad("data_offsets are no whole numbers from 0");
    const uint64_t begin = offsets[0].get<uint64_t>(), end = offsets[1].get<uint64_t>();
    if (end < begin || end > data_size_)
      bad(cat("data_offsets [", begin, ", ", end, "] lie outside of the file's ", data_size_, " bytes of data"));
    if (end - begin != bytes) bad(cat("the shape needs ", bytes, " bytes, data_offsets hold ", end - begin));
    entry.begin = begin;
    entry.size = bytes;
    return entry;
  }

  void check_offsets(const std::map<std::string, TensorEntry>& entries) const {
    std::vector<std::pair<std::pair<std::size_t, std::size_t>, std::string>> spans;
    for (const auto& [name, entry] : entries) spans.push_back({{entry.begin, entry.begin + entry.size}, name});
    std::sort(spans.begin(), spans.end());
    std::size_t position = 0;
    for (const auto& [span, name] : spans) {
      if (span.first != position) {
        fail(cat("tensor \"", name.substr(0, 200), "\" ",
                 span.first < position ? "overlaps the one before it" : "leaves a hole before it"));
      }
      position = span.second;
    }
    if (position != data_size_) fail(cat("the tensors end at byte ", position, " of ", data_size_, " bytes of data"));
  }

  const fs::path& path_;
  std::size_t data_size_;
};

std::string type_name(at::ScalarType type) { return kTypes[rank_of(type)].name; }

}  // namespace

SafeTensors::SafeTensors(const fs::path& path) : file_(path) {
  const HeaderReader early(path, 0);
  if (file_.size() < kLengthBytes)
    early.fail(cat("it has ", file_.size(), " bytes, less than a header's length takes"));
  uint64_t length = 0;
  std::memcpy(&length, file_.data(), kLengthBytes);
  if (length > kMaxHeader) early.fail(cat("the header's length of ", length, " bytes is beyond ", kMaxHeader));
  if (length > file_.size() - kLengthBytes)
    early.fail(cat("the header's ", length, " bytes do not fit into the file; it may be cut off"));
  data_ = file_.data() + kLengthBytes + length;
  const char* header = reinterpret_cast<const char*>(file_.data()) + kLengthBytes;
  const HeaderReader reader(path, file_.size() - kLengthBytes - length);
  reader.read({header, length}, entries_, metadata_);
}

std::vector<std::string> SafeTensors::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

at::Tensor SafeTensors::read(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) throw ModelError(cat(path().string(), ": has no tensor \"", name, "\""));
  const TensorEntry& entry = found->second;
  at::Tensor tensor = at::empty(entry.shape, at::TensorOptions(entry.type));
  if (entry.size > 0) std::memcpy(tensor.data_ptr(), data_ + entry.begin, entry.size);
  return tensor;
}

void write_safetensors(const fs::path& path, TensorList tensors) {
  for (auto& [name, tensor] : tensors) tensor = tensor.detach().to(at::kCPU).contiguous();
  std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
    const std::size_t left = rank_of(a.second.scalar_type()), right = rank_of(b.second.scalar_type());
    return left != right ? left > right : a.first < b.first;
  });
  nlohmann::ordered_json header = {{"__metadata__", {{"format", "pt"}}}};
  std::size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::size_t end = offset + tensor.nbytes();
    header[name] = {
        {"dtype", type_name(tensor.scalar_type())}, {"shape", tensor.sizes().vec()}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const uint64_t length = text.size();
  write_file_atomically(path, [&](const ByteSink& sink) {
    sink(&length, sizeof length);
    sink(text.data(), text.size());
    for (const auto& [name, tensor] : tensors) sink(tensor.const_data_ptr(), tensor.nbytes());
  });
}

}  // namespace hiddenkey
