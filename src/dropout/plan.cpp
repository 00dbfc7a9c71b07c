#include "dropout/plan.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

const char* name_of(Pattern pattern) {
  switch (pattern) {
    case Pattern::kElement:
      return "element";
    case Pattern::kColumn:
      return "column";
    case Pattern::kSpan:
      return "span";
  }
  return "";
}

std::optional<Site> site_of(const std::optional<double>& rate, Pattern pattern) {
  if (rate.value_or(0) <= 0) return std::nullopt;
  return Site{*rate, pattern};
}

int64_t layer_number(const std::string& text, const std::string& layers) {
  int64_t number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) {
    throw ConfigError(
        cat("dropout.layers: \"", layers, "\" is none of auto, all, latter_half, or a list such as [0-5, 8]"));
  }
  return number;
}

/// Layers in which `has` holds, as "0-5, 8"; "" where there are none.
std::string ranges(const std::vector<LayerSites>& layers, const std::function<bool(const LayerSites&)>& has) {
  std::vector<std::string> parts;
  const int64_t count = static_cast<int64_t>(layers.size());
  for (int64_t begin = 0; begin < count; ++begin) {
    if (!has(layers[begin])) continue;
    int64_t end = begin;
    while (end + 1 < count && has(layers[end + 1])) ++end;
    parts.push_back(begin == end ? cat(begin) : cat(begin, "-", end));
    begin = end;
  }
  return join(parts, ", ");
}

}  // namespace

int64_t DropoutPlan::first_active_layer() const {
  const auto first = std::find_if(layers.begin(), layers.end(), [](const LayerSites& layer) { return layer.active(); });
  return first - layers.begin();
}

bool DropoutPlan::active() const {
  return drops_input() || output || lora > 0 || first_active_layer() < static_cast<int64_t>(layers.size());
}

std::vector<std::string> DropoutPlan::describe() const {
  std::vector<std::string> lines;
  const auto say = [&](const std::string& where, const std::string& what, Pattern pattern, double rate) {
    if (!where.empty()) lines.push_back(cat(where, ": ", what, ", ", name_of(pattern), ", rate ", format_number(rate)));
  };
  const auto say_layers = [&](std::optional<Site> LayerSites::*member, const std::string& what) {
    const auto has = [&](const LayerSites& layer) { return (layer.*member).has_value(); };
    const auto found = std::find_if(layers.begin(), layers.end(), has);
    if (found == layers.end()) return;
    const Site site = *((*found).*member);
    say("layers " + ranges(layers, has), what, site.pattern, site.rate);
  };
  if (input) say("embeddings", "input", input->pattern, input->rate);
  say_layers(&LayerSites::logits, "attention logits (DropKey)");
  say_layers(&LayerSites::weights, "attention weights (DropAttention)");
  const bool at_output = !layers.empty() && layers.front().hidden_site == HiddenSite::kFfnOutput;
  say_layers(&LayerSites::hidden, at_output ? "FFN output (HiddenCut)" : "FFN activation (HiddenCut)");
  if (output) say("head", "output", output->pattern, output->rate);
  if (lora > 0) say("LoRA targets", "LoRA's own input", Pattern::kElement, lora);
  if (pretrained > 0) say("whole model", "the checkpoint's own dropout", Pattern::kElement, pretrained);
  return lines;
}

std::vector<bool> choose_layers(const std::string& layers, int64_t num_layers, bool causal) {
  std::vector<bool> chosen(num_layers, false);
  const std::string rule = layers == "auto" ? (causal ? "latter_half" : "all") : layers;
  if (rule == "all" || rule == "latter_half") {
    std::fill(chosen.begin() + (rule == "all" ? 0 : num_layers / 2), chosen.end(), true);
    return chosen;
  }
  for (std::string part : split(rule, ',')) {
    std::erase(part, ' ');
    const std::vector<std::string> ends = split(part, '-');
    const int64_t first = layer_number(ends.front(), layers);
    const int64_t last = layer_number(ends.back(), layers);
    if (ends.size() > 2 || last < first) layer_number("", layers);
    if (last >= num_layers) {
      throw ConfigError(
          cat("dropout.layers: layer ", last, " does not exist, the model has layers 0-", num_layers - 1));
    }
    std::fill(chosen.begin() + first, chosen.begin() + last + 1, true);
  }
  return chosen;
}

DropoutPlan make_plan(const DropoutConfig& config, int64_t num_layers, bool causal) {
  DropoutPlan plan;
  plan.layers.resize(num_layers);
  const std::vector<bool> chosen = choose_layers(config.layers, num_layers, causal);
  for (int64_t layer = 0; layer < num_layers; ++layer) {
    LayerSites& sites = plan.layers[layer];
    sites.pretrained = config.pretrained;
    sites.hidden_site = config.hidden.site;
    sites.grad_through_norm = config.weights.grad_through_norm;
    if (!chosen[layer]) continue;
    sites.logits = site_of(config.logits.rate, config.logits.pattern);
    sites.weights = site_of(config.weights.rate, config.weights.pattern);
    sites.hidden = site_of(config.hidden.rate, config.hidden.pattern);
  }
  plan.input = site_of(config.input.rate, config.input.pattern);
  plan.output = site_of(config.output.rate, config.output.pattern);
  plan.pretrained = config.pretrained;
  return plan;
}

}  // namespace hiddenkey
