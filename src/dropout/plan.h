#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dropout/dropout_config.h"

namespace hiddenkey {

/// One place where units are dropped.
struct Site {
  double rate = 0;
  Pattern pattern = Pattern::kElement;
};

/// A site that is off is absent: the plain model's kernels run there.
using Sites = ByPosition<std::optional<Site>>;

/// What one layer drops.
struct LayerPlan {
  Sites sites;  ///< of the positions in layers
  HiddenSite hidden_site = HiddenSite::kActivation;
  bool grad_through_norm = false;  ///< of weights: DropAttention with the gradient through its norm is DropKey
  double pretrained = 0;           ///< the checkpoint's own dropout: attention weights and both residual branches

  bool active() const;
};

/// A dropout scheme as data: for each layer which positions drop, with which pattern and rate.
struct DropoutPlan {
  std::vector<LayerPlan> layers;
  Sites sites;  ///< of the other positions
  double pretrained = 0;
  double lora = 0;  ///< LoRA's own input dropout, a separate thing

  /// The first layer with an active site; the number of layers where there is none.
  int64_t first_active_layer() const;
  /// Whether the embeddings themselves are dropped, so that two passes share nothing.
  bool drops_input() const;
  bool active() const;
  /// One line a site: "layers 0-5: attention logits (DropKey), column, rate 0.1".
  std::vector<std::string> describe() const;
};

/// `layers` as the config spells it -> the chosen layers. ConfigError for a layer that the model lacks.
std::vector<bool> choose_layers(const std::string& layers, int64_t num_layers, bool causal);

DropoutPlan make_plan(const DropoutConfig& config, int64_t num_layers, bool causal);

}  // namespace hiddenkey
