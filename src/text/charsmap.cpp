#include "text/charsmap.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "core/text.h"
#include "text/unicode.h"

namespace hiddenkey {
namespace {

// A unit of the double array: a label, whether a text ends there, and how far away its children are; or a leaf's value.
constexpr uint32_t kLabelBits = 0x8000'00FF, kValueBits = 0x7FFF'FFFF;

bool ends_text(uint32_t unit) { return (unit >> 8 & 1) != 0; }

/// Where the children of a unit are: at this place with their label in its last bits. A leaf is the child 0.
uint32_t target(const std::vector<uint32_t>& units, uint32_t place) {
  const uint32_t unit = units[place];
  return place ^ (unit >> 10 << ((unit & 0x200) >> 6));
}

struct Table {
  std::vector<uint32_t> units;
  std::string_view texts;
};

/// Nothing where the parts do not fit.
std::optional<Table> parts_of(std::string_view table) {
  uint32_t size = 0;
  if (table.size() < sizeof size) return std::nullopt;
  std::memcpy(&size, table.data(), sizeof size);
  table.remove_prefix(sizeof size);
  if (size == 0 || size % sizeof size != 0 || size >= table.size()) return std::nullopt;
  Table parts{std::vector<uint32_t>(size / sizeof size), table.substr(size)};
  std::memcpy(parts.units.data(), table.data(), size);
  return parts;
}

/// Goes through every way down a trie, which has at least one unit.
class TrieCheck {
 public:
  explicit TrieCheck(const Table& table)
      : units_(table.units), found_(units_.size(), kUnseen), texts_size_(table.texts.rfind('\0') + 1) {}

  /// Whether every search stays within the units and the texts, and finds no more than the library has room for.
  bool is_sound() {
    if (!enter(target(units_, 0), 0)) return false;
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
  static constexpr uint32_t kLabels = 256;
  static constexpr int kMostFound = 32, kUnseen = -1, kOpen = -2;

  /// The units of a node's children are at `base` with the label in its last bits.
  struct Node {
    uint32_t base;
    int leaf;  ///< 1 where a text ends on the way in
    uint32_t label = 0;
    int most = 0;  ///< texts that end on one way down
  };

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
    return !matches || enter(target(units_, place), ends_text(units_[place]) ? 1 : 0);
  }

  void leave() {
    const Node node = open_.back();
    open_.pop_back();
    found_[node.base] = node.most;
    if (!open_.empty()) open_.back().most = std::max(open_.back().most, node.most + node.leaf);
  }

  const std::vector<uint32_t>& units_;
  std::vector<int> found_;  ///< by base: the most texts on one way down from the node
  std::vector<Node> open_;
  std::size_t texts_size_;  ///< up to the last NUL
};

bool is_sound(const std::optional<Table>& table) { return table && TrieCheck(*table).is_sound(); }

}  // namespace

Charsmap::Charsmap(std::string_view table, const std::string& source) {
  auto parts = parts_of(table);
  if (!is_sound(parts) || encode_utf8(decode_utf8(parts->texts)) != parts->texts)
    throw ModelError(cat(source, ": precompiled_charsmap: is damaged"));
  units_ = std::move(parts->units);
  texts_ = parts->texts;
}

std::optional<std::string_view> Charsmap::find(std::string_view text) const {
  uint32_t base = target(units_, 0);
  for (const char c : text) {
    const auto label = static_cast<unsigned char>(c);
    const uint32_t place = base ^ label;
    // A NUL would be taken for a leaf.
    if (label == 0 || (units_[place] & kLabelBits) != label) return std::nullopt;
    base = target(units_, place);
    if (!ends_text(units_[place])) continue;
    const std::string_view rest = std::string_view(texts_).substr(units_[base] & kValueBits);
    return rest.substr(0, rest.find('\0'));
  }
  return std::nullopt;
}

bool is_sound_charsmap(std::string_view table) { return table.empty() || is_sound(parts_of(table)); }

}  // namespace hiddenkey
