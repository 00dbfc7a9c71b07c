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

/// The sites of one layer. A site that is off is absent: the layer then runs the plain model's kernels.
struct LayerSites {
  std::optional<Site> logits;
  std::optional<Site> weights;
  std::optional<Site> hidden;
  HiddenSite hidden_site = HiddenSite::kActivation;
  bool grad_through_norm = false;  ///< of weights: DropAttention with the gradient through its norm is DropKey
  double pretrained = 0;           ///< the checkpoint's own dropout: attention weights and both residual branches

  bool active() const { return logits || weights || hidden || pretrained > 0; }
};

/// A dropout scheme as data: for each layer which positions drop, with which pattern and rate.
struct DropoutPlan {
  std::vector<LayerSites> layers;
  std::optional<Site> input;
  std::optional<Site> output;
  double pretrained = 0;
  double lora = 0;  ///< LoRA's own input dropout, a separate thing

  /// The first layer with an active site; the number of layers where there is none.
  int64_t first_active_layer() const;
  /// Whether the embeddings themselves are dropped, so that two passes share nothing.
  bool drops_input() const { return input || pretrained > 0; }
  bool active() const;
  /// One line a site: "layers 0-5: logits, column, rate 0.1".
  std::vector<std::string> describe() const;
};

/// `layers` as the config spells it -> the chosen layers. ConfigError for a layer that the model lacks.
std::vector<bool> choose_layers(const std::string& layers, int64_t num_layers, bool causal);

DropoutPlan make_plan(const DropoutConfig& config, int64_t num_layers, bool causal);

}  // namespace hiddenkey
