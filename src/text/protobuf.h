#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// Reads serialized protobuf messages: what the sentencepiece library does not give out of its models.
namespace hiddenkey {

/// A field of a message.
struct ProtoField {
  uint32_t number = 0;
  uint64_t value = 0;      ///< of a number
  bool is_bytes = false;   ///< whether it is a text, bytes or a message
  std::string_view bytes;  ///< of these
};

/// Takes a field from the beginning of `rest`, which is not empty. Nothing where the message is damaged.
std::optional<ProtoField> take_field(std::string_view& rest);

/// Calls `visit` with each field of that number; whether the message is whole.
template <class Visit>
bool for_each_field(std::string_view message, uint32_t number, const Visit& visit) {
  while (!message.empty()) {
    const auto field = take_field(message);
    if (!field) return false;
    if (field->number == number) visit(*field);
  }
  return true;
}

}  // namespace hiddenkey
