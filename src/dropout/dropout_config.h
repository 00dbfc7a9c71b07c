#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dropout/positions.h"
#include "dropout/schemes.h"

namespace hiddenkey {

enum class HiddenSite { kActivation, kFfnOutput };
enum class ConsistencyBackward { kOne, kBoth };
enum class ConsistencyPasses { kAuto, kBatched, kSequential };

/// What every position has in the config.
struct PositionDropout {
  std::optional<double> rate;  ///< not given: the scheme's (0.1 where the scheme has the position on, else 0)
  Pattern pattern = Pattern::kElement;
};

constexpr ByPosition<PositionDropout> default_positions() {
  ByPosition<PositionDropout> positions;
  for (const PositionRow& row : kPositionRows) positions[row.position].pattern = row.pattern;
  return positions;
}

struct DropoutConfig {
  Scheme scheme = Scheme::kNone;
  ByPosition<PositionDropout> positions = default_positions();
  bool grad_through_norm = false;                    ///< of weights
  HiddenSite hidden_site = HiddenSite::kActivation;  ///< of hidden
  std::string layers = "auto";  ///< auto | all | latter_half | a list with ranges, as text: "0-5,8"
  double pretrained = 0.0;

  bool is_on(Position position) const { return positions[position].rate.value_or(0) > 0; }
};

struct ConsistencyConfig {
  std::optional<ConsistencyLoss> loss;  ///< not given: kl for the scheme hiddenkey, none for the others
  double weight = 1.0;
  ConsistencyBackward backward = ConsistencyBackward::kOne;
  ConsistencyPasses passes = ConsistencyPasses::kAuto;
};

}  // namespace hiddenkey
