#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace hiddenkey {

/// Where in the network a mask belongs. The values are part of a mask's address: they never change.
enum class Position : uint32_t {
  kLogits = 0,
  kWeights = 1,
  kHidden = 2,
  kInput = 3,
  kOutput = 4,
  kPretrainedEmbedding = 5,
  kPretrainedWeights = 6,
  kPretrainedAttention = 7,
  kPretrainedFfn = 8,
  kPretrainedHead = 9,
  kPretrainedHeadOutput = 10,
  kLoraInput = 16,  ///< plus the number of the adapter in its layer
};

/// Which units are dropped together.
enum class Pattern { kElement, kColumn, kSpan };

/// The part of the network in which a position lies, in the order of a forward.
enum class NetworkPart { kEmbeddings, kAttention, kFfn, kHead };

/// A position at which a scheme can drop.
struct PositionRow {
  Position position;
  NetworkPart part;
  Pattern pattern;      ///< where the config names none
  const char* section;  ///< of the config, in dropout
  const char* help;     ///< of that section
  const char* shown;    ///< in a list of the sites that are on

  /// Each layer has a site of its own there; else the model has one.
  constexpr bool in_layers() const { return part == NetworkPart::kAttention || part == NetworkPart::kFfn; }
};

/// The positions of the config, in its order. The checkpoint's own dropout and an adapter's are no positions of a
/// scheme.
inline constexpr std::array kPositionRows = {
    PositionRow{Position::kLogits, NetworkPart::kAttention, Pattern::kColumn, "logits", "attention logits (DropKey)",
                "attention logits (DropKey)"},
    PositionRow{Position::kWeights, NetworkPart::kAttention, Pattern::kColumn, "weights",
                "attention weights (DropAttention)", "attention weights (DropAttention)"},
    PositionRow{Position::kHidden, NetworkPart::kFfn, Pattern::kElement, "hidden",
                "FFN hidden representation (HiddenCut)", "FFN activation (HiddenCut)"},
    PositionRow{Position::kInput, NetworkPart::kEmbeddings, Pattern::kElement, "input", "embedding output", "input"},
    PositionRow{Position::kOutput, NetworkPart::kHead, Pattern::kElement, "output",
                "representation that enters the task head", "output"},
};

/// A value for each row of the table.
template <class T>
struct ByPosition {
  std::array<T, kPositionRows.size()> values = {};

  constexpr T& operator[](Position position) { return values[index_of(position)]; }
  constexpr const T& operator[](Position position) const { return values[index_of(position)]; }

 private:
  static constexpr std::size_t index_of(Position position) {
    std::size_t index = 0;
    while (kPositionRows.at(index).position != position) ++index;
    return index;
  }
};

}  // namespace hiddenkey
