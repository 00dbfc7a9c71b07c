#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hiddenkey {

enum class Pattern { kElement, kColumn, kSpan };
enum class HiddenSite { kActivation, kFfnOutput };
enum class Scheme { kNone, kDropKey, kDropAttention, kHiddenCut, kHiddenKeyMinus, kHiddenKey, kCustom };
enum class ConsistencyLoss { kNone, kKl, kJs };
enum class ConsistencyBackward { kOne, kBoth };
enum class ConsistencyPasses { kAuto, kBatched, kSequential };

/// Rates that are not given take the scheme's default (0.1 where the scheme has the position on, else 0).
struct LogitsDropout {
  std::optional<double> rate;
  Pattern pattern = Pattern::kColumn;
};
struct WeightsDropout {
  std::optional<double> rate;
  Pattern pattern = Pattern::kColumn;
  bool grad_through_norm = false;
};
struct HiddenDropout {
  std::optional<double> rate;
  Pattern pattern = Pattern::kElement;
  HiddenSite site = HiddenSite::kActivation;
};
struct PlainDropout {
  std::optional<double> rate;
  Pattern pattern = Pattern::kElement;
};

struct DropoutConfig {
  Scheme scheme = Scheme::kNone;
  LogitsDropout logits;
  WeightsDropout weights;
  HiddenDropout hidden;
  PlainDropout input;
  PlainDropout output;
  std::string layers = "auto";  ///< auto | all | latter_half | a list with ranges, as text: "0-5,8"
  double pretrained = 0.0;
};

struct ConsistencyConfig {
  std::optional<ConsistencyLoss> loss;  ///< not given: kl for the scheme hiddenkey, none for the others
  double weight = 1.0;
  ConsistencyBackward backward = ConsistencyBackward::kOne;
  ConsistencyPasses passes = ConsistencyPasses::kAuto;
};

}  // namespace hiddenkey
