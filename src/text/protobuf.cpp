#include "text/protobuf.h"

namespace hiddenkey {
namespace {

std::optional<uint64_t> take_varint(std::string_view& rest) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ProtoField> take_field(std::string_view& rest) {
  constexpr uint32_t kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5;
  const auto key = take_varint(rest);
  if (!key) return std::nullopt;
  const auto tag = static_cast<uint32_t>(*key);
  const uint32_t type = tag & 7;
  ProtoField field{tag >> 3, 0, type == kBytes, {}};
  if (type == kVarint) {
    const auto value = take_varint(rest);
    field.value = value.value_or(0);
    return value ? std::make_optional(field) : std::nullopt;
  }
  if (type != kFixed64 && type != kBytes && type != kFixed32) return std::nullopt;
  const auto size = type == kBytes ? take_varint(rest) : std::make_optional<uint64_t>(type == kFixed64 ? 8 : 4);
  if (!size || *size > rest.size()) return std::nullopt;
  if (type == kBytes) field.bytes = rest.substr(0, *size);
  rest.remove_prefix(*size);
  return field;
}

}  // namespace hiddenkey
