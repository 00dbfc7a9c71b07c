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

std::optional<Site> site_of(const DropoutConfig& config, Position position) {
  if (!config.is_on(position)) return std::nullopt;
  return Site{*config.positions[position].rate, config.positions[position].pattern};
}

bool any(const Sites& sites) {
  return std::any_of(sites.values.begin(), sites.values.end(), [](const auto& site) { return site.has_value(); });
}

int64_t layer_number(const std::string& text, const std::string& layers) {
  int64_t number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) {
    throw ConfigError("dropout.layers",
                      cat("\"", layers, "\" is none of auto, all, latter_half, or a list such as [0-5, 8]"));
  }
  return number;
}

/// Layers in which `has` holds, as "0-5, 8"; "" where there are none.
std::string ranges(const std::vector<LayerPlan>& layers, const std::function<bool(const LayerPlan&)>& has) {
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

std::string line_of(const std::string& where, const std::string& what, const Site& site) {
  return cat(where, ": ", what, ", ", name_of(site.pattern), ", rate ", format_number(site.rate));
}

/// "" where the position is off.
std::string line_of(const DropoutPlan& plan, const PositionRow& row) {
  if (!row.in_layers()) {
    const std::optional<Site>& site = plan.sites[row.position];
    return site ? line_of(row.part == NetworkPart::kHead ? "head" : "embeddings", row.shown, *site) : "";
  }
  const auto has = [&](const LayerPlan& layer) { return layer.sites[row.position].has_value(); };
  const auto first = std::find_if(plan.layers.begin(), plan.layers.end(), has);
  if (first == plan.layers.end()) return "";
  const bool at_output = row.position == Position::kHidden && first->hidden_site == HiddenSite::kFfnOutput;
  return line_of("layers " + ranges(plan.layers, has), at_output ? "FFN output (HiddenCut)" : row.shown,
                 *first->sites[row.position]);
}

}  // namespace

bool LayerPlan::active() const { return any(sites) || pretrained > 0; }

bool DropoutPlan::drops_input() const {
  return pretrained > 0 || std::any_of(kPositionRows.begin(), kPositionRows.end(), [&](const PositionRow& row) {
           return row.part == NetworkPart::kEmbeddings && sites[row.position];
         });
}

int64_t DropoutPlan::first_active_layer() const {
  const auto first = std::find_if(layers.begin(), layers.end(), [](const LayerPlan& layer) { return layer.active(); });
  return first - layers.begin();
}

bool DropoutPlan::active() const {
  return any(sites) || pretrained > 0 || lora > 0 || first_active_layer() < static_cast<int64_t>(layers.size());
}

std::vector<std::string> DropoutPlan::describe() const {
  std::array rows = kPositionRows;
  std::ranges::stable_sort(rows, {}, &PositionRow::part);
  std::vector<std::string> lines;
  for (const PositionRow& row : rows) lines.push_back(line_of(*this, row));
  std::erase(lines, "");
  if (lora > 0) lines.push_back(line_of("LoRA targets", "LoRA's own input", {lora, Pattern::kElement}));
  if (pretrained > 0)
    lines.push_back(line_of("whole model", "the checkpoint's own dropout", {pretrained, Pattern::kElement}));
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
      throw ConfigError("dropout.layers",
                        cat("layer ", last, " does not exist, the model has layers 0-", num_layers - 1));
    }
    std::fill(chosen.begin() + first, chosen.begin() + last + 1, true);
  }
  return chosen;
}

DropoutPlan make_plan(const DropoutConfig& config, int64_t num_layers, bool causal) {
  DropoutPlan plan;
  plan.pretrained = config.pretrained;
  LayerPlan layer;
  layer.hidden_site = config.hidden_site;
  layer.grad_through_norm = config.grad_through_norm;
  layer.pretrained = config.pretrained;
  plan.layers.assign(num_layers, layer);
  for (const PositionRow& row : kPositionRows)
    (row.in_layers() ? layer.sites : plan.sites)[row.position] = site_of(config, row.position);
  const std::vector<bool> chosen = choose_layers(config.layers, num_layers, causal);
  for (int64_t i = 0; i < num_layers; ++i) {
    if (chosen[i]) plan.layers[i] = layer;
  }
  return plan;
}

}  // namespace hiddenkey
