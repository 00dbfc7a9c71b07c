#pragma once

#include <algorithm>
#include <initializer_list>

#include "dropout/positions.h"

namespace hiddenkey {

enum class Scheme { kNone, kDropKey, kDropAttention, kHiddenCut, kHiddenKeyMinus, kHiddenKey, kCustom };
enum class ConsistencyLoss { kNone, kKl, kJs };

/// A scheme by its name in the config: where it drops, each position with its own pattern, and what it adds to the
/// loss.
struct SchemeRow {
  Scheme scheme;
  const char* name;
  std::initializer_list<Position> positions;
  ConsistencyLoss loss = ConsistencyLoss::kNone;
};

/// The table of docs/method.md. `custom` drops wherever the config gives a rate.
inline constexpr SchemeRow kSchemeRows[] = {
    {Scheme::kNone, "none", {}},
    {Scheme::kDropKey, "dropkey", {Position::kLogits}},
    {Scheme::kDropAttention, "dropattention", {Position::kWeights}},
    {Scheme::kHiddenCut, "hiddencut", {Position::kHidden}},
    {Scheme::kHiddenKeyMinus, "hiddenkey-", {Position::kLogits, Position::kHidden}},
    {Scheme::kHiddenKey, "hiddenkey", {Position::kLogits, Position::kHidden}, ConsistencyLoss::kKl},
    {Scheme::kCustom, "custom", {}},
};

constexpr const SchemeRow& row_of(Scheme scheme) {
  return *std::find_if(std::begin(kSchemeRows), std::end(kSchemeRows),
                       [&](const SchemeRow& row) { return row.scheme == scheme; });
}

/// Whether the scheme can drop at the position.
constexpr bool drops_at(Scheme scheme, Position position) {
  const std::initializer_list<Position>& positions = row_of(scheme).positions;
  return scheme == Scheme::kCustom || std::find(positions.begin(), positions.end(), position) != positions.end();
}

}  // namespace hiddenkey
