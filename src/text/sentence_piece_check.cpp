#include "text/sentence_piece_check.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace hiddenkey {
namespace {

/// A field of a serialized protobuf message; the bytes of one that holds bytes or a message.
struct Field {
  uint32_t number = 0;
  std::string_view bytes;
};

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

/// Nothing where the message is damaged.
std::optional<Field> take_field(std::string_view& rest) {
  constexpr uint32_t kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5;
  const auto key = take_varint(rest);
  if (!key) return std::nullopt;
  const auto tag = static_cast<uint32_t>(*key);
  const uint32_t type = tag & 7;
  Field field{tag >> 3, {}};
  if (type == kVarint) return take_varint(rest) ? std::make_optional(field) : std::nullopt;
  if (type != kFixed64 && type != kBytes && type != kFixed32) return std::nullopt;
  const auto size = type == kBytes ? take_varint(rest) : std::make_optional<uint64_t>(type == kFixed64 ? 8 : 4);
  if (!size || *size > rest.size()) return std::nullopt;
  if (type == kBytes) field.bytes = rest.substr(0, *size);
  rest.remove_prefix(*size);
  return field;
}

/// Calls `visit` with the bytes of each field of that number; whether the message is whole.
template <class Visit>
bool for_each_field(std::string_view message, uint32_t number, const Visit& visit) {
  while (!message.empty()) {
    const auto field = take_field(message);
    if (!field) return false;
    if (field->number == number) visit(field->bytes);
  }
  return true;
}

/// A double-array trie of the library Darts-clone, whose leaves are offsets of texts. It has at least one unit.
class Trie {
 public:
  Trie(std::string_view units, std::string_view texts)
      : units_(units.size() / sizeof(uint32_t)), found_(units_.size(), kUnseen), texts_size_(texts.rfind('\0') + 1) {
    std::memcpy(units_.data(), units.data(), units_.size() * sizeof(uint32_t));
  }

  /// Whether every search stays within the units and the texts, and finds no more than the library has room for.
  bool is_sound() {
    if (!enter(target(0), 0)) return false;
    while (!open_.empty()) {
      if (open_.back().label == kLabels) {
        leave();
      } else if (!follow_label()) {
        return false;
      }
      if (!open_.empty() && open_.back().most > kMostFound) return false;
    }
    return true;
  }

 private:
  static constexpr uint32_t kLabels = 256, kLabelBits = 0x8000'00FF, kValueBits = 0x7FFF'FFFF;
  static constexpr int kMostFound = 32, kUnseen = -1, kOpen = -2;

  /// The units of a node's children are at `base` with the label in its last bits.
  struct Node {
    uint32_t base;
    int leaf;  ///< 1 where a text ends on the way in
    uint32_t label = 0;
    int most = 0;  ///< texts that end on one way down
  };

  uint32_t target(uint32_t place) const {
    const uint32_t unit = units_[place];
    return place ^ (unit >> 10 << ((unit & 0x200) >> 6));
  }

  /// False where the node is out of bounds, or one that this way has been through.
  bool enter(uint32_t base, int leaf) {
    if ((base | (kLabels - 1)) >= units_.size() || found_[base] == kOpen) return false;
    if (leaf > 0 && (units_[base] & kValueBits) >= texts_size_) return false;
    if (found_[base] == kUnseen) {
      found_[base] = kOpen;
      open_.push_back({base, leaf});
    } else {
      open_.back().most = std::max(open_.back().most, found_[base] + leaf);
    }
    return true;
  }

  bool follow_label() {
    Node& node = open_.back();
    const uint32_t label = node.label++, place = node.base ^ label;
    const bool matches = (units_[place] & kLabelBits) == label;
    return !matches || enter(target(place), static_cast<int>(units_[place] >> 8 & 1));
  }

  void leave() {
    const Node node = open_.back();
    open_.pop_back();
    found_[node.base] = node.most;
    if (!open_.empty()) open_.back().most = std::max(open_.back().most, node.most + node.leaf);
  }

  std::vector<uint32_t> units_;
  std::vector<int> found_;  ///< by base: the most texts on one way down from the node
  std::vector<Node> open_;
  std::size_t texts_size_;  ///< up to the last NUL
};

/// The table begins with the size of its trie.
bool is_sound_charsmap(std::string_view table) {
  uint32_t size = 0;
  if (table.empty()) return true;
  if (table.size() < sizeof size) return false;
  std::memcpy(&size, table.data(), sizeof size);
  table.remove_prefix(sizeof size);
  const bool fits = size > 0 && size % sizeof size == 0 && size < table.size();
  return fits && Trie(table.substr(0, size), table.substr(size)).is_sound();
}

}  // namespace

std::string sentence_piece_fault(std::string_view model) {
  bool sound = true;
  constexpr uint32_t kCharsmap = 2;
  const auto check_normalizer = [&](std::string_view normalizer) {
    const bool whole = for_each_field(normalizer, kCharsmap,
                                      [&](std::string_view table) { sound = sound && is_sound_charsmap(table); });
    sound = sound && whole;
  };
  constexpr std::pair<uint32_t, const char*> kNormalizers[] = {{3, "normalizer_spec"}, {5, "denormalizer_spec"}};
  for (const auto& [number, name] : kNormalizers) {
    if (!for_each_field(model, number, check_normalizer)) return "is no SentencePiece model";
    if (!sound) return std::string(name) + ": precompiled_charsmap: is damaged";
  }
  return "";
}

}  // namespace hiddenkey
