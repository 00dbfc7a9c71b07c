#include "settings/scheme.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/text.h"
#include "data/task.h"
#include "settings/config_values.h"

namespace hiddenkey {
namespace {

constexpr double kDefaultRate = 0.1;

/// A place where units are dropped, by the name of its section, and whether the scheme drops there.
struct Position {
  const char* name;
  std::optional<double> rate;
  bool on;

  std::string key() const { return cat("dropout.", name, ".rate"); }
};

bool is_named(Scheme scheme) { return scheme != Scheme::kNone && scheme != Scheme::kCustom; }

/// The schemes' table of docs/method.md. `custom` has every position on.
std::array<Position, 5> positions_of(const DropoutConfig& dropout) {
  const Scheme scheme = dropout.scheme;
  const bool custom = scheme == Scheme::kCustom;
  const bool both = custom || scheme == Scheme::kHiddenKey || scheme == Scheme::kHiddenKeyMinus;
  return {{{"logits", dropout.logits.rate, both || scheme == Scheme::kDropKey},
           {"weights", dropout.weights.rate, custom || scheme == Scheme::kDropAttention},
           {"hidden", dropout.hidden.rate, both || scheme == Scheme::kHiddenCut},
           {"input", dropout.input.rate, custom},
           {"output", dropout.output.rate, custom}}};
}

ConsistencyLoss loss_of(Scheme scheme) {
  return scheme == Scheme::kHiddenKey ? ConsistencyLoss::kKl : ConsistencyLoss::kNone;
}

double default_rate(const Position& position, Scheme scheme) {
  return position.on && scheme != Scheme::kCustom ? kDefaultRate : 0.0;
}

/// The scheme's view of the tree: which layer said it, and what gives way to it.
class SchemeLayer {
 public:
  SchemeLayer(const Value& tree, const DropoutConfig& dropout)
      : tree_(tree),
        scheme_(dropout.scheme),
        layer_(layer_of(tree, "dropout.scheme").value_or(std::numeric_limits<int>::min())) {}

  bool covers(const std::string& key) const {
    const std::optional<int> layer = layer_of(tree_, key);
    return layer && *layer < layer_ && scheme_ != Scheme::kCustom;
  }
  void replace(const std::string& key, const std::string& said, const std::string& now) {
    replaced_.push_back(cat(key, " ", said, " becomes ", now));
  }
  void warn(Problems& problems) const {
    if (replaced_.empty()) return;
    problems.push_back({find_path(tree_, "dropout.scheme")->where, "dropout.scheme",
                        cat(name_of_enum(scheme_), " takes the place of what the file says: ", join(replaced_, ", ")),
                        Severity::kWarning});
  }

 private:
  const Value& tree_;
  Scheme scheme_;
  int layer_;
  std::vector<std::string> replaced_;
};

Place place_of(const Value& tree, const std::string& key) {
  const Value* value = find_path(tree, key);
  return value != nullptr ? value->where : tree.where;
}

double settle_rate(const Value& tree, const Position& position, Scheme scheme, SchemeLayer& layer, Problems& problems) {
  const double by_scheme = default_rate(position, scheme);
  if (!position.rate) return by_scheme;
  const bool agrees = position.on == (*position.rate > 0) || scheme == Scheme::kCustom;
  if (agrees) return *position.rate;
  if (layer.covers(position.key())) {
    layer.replace(position.key(), format_number(*position.rate), format_number(by_scheme));
    return by_scheme;
  }
  if (!position.on) {
    problems.push_back({place_of(tree, position.key()), position.key(),
                        cat("the scheme ", name_of_enum(scheme),
                            " leaves this position off; take scheme: custom to combine positions")});
  }
  return position.on ? *position.rate : by_scheme;
}

void settle_loss(RunConfig& config, SchemeLayer& layer) {
  std::optional<ConsistencyLoss>& loss = config.consistency.loss;
  const ConsistencyLoss by_scheme = loss_of(config.dropout.scheme);
  const bool agrees = loss && (*loss == ConsistencyLoss::kNone) == (by_scheme == ConsistencyLoss::kNone);
  if (agrees) return;
  if (loss && !layer.covers("consistency.loss")) return;
  if (loss) layer.replace("consistency.loss", name_of_enum(*loss), name_of_enum(by_scheme));
  loss = by_scheme;
}

}  // namespace

void apply_scheme(const Value& tree, RunConfig& config, Problems& problems) {
  DropoutConfig& dropout = config.dropout;
  SchemeLayer layer(tree, dropout);
  const auto positions = positions_of(dropout);
  const std::array<std::optional<double>*, 5> rates = {&dropout.logits.rate, &dropout.weights.rate,
                                                       &dropout.hidden.rate, &dropout.input.rate, &dropout.output.rate};
  for (std::size_t i = 0; i < positions.size(); ++i)
    *rates[i] = settle_rate(tree, positions[i], dropout.scheme, layer, problems);
  settle_loss(config, layer);
  layer.warn(problems);
}

void check_scheme(const Value& tree, const RunConfig& config, Problems& problems) {
  const DropoutConfig& dropout = config.dropout;
  const auto positions = positions_of(dropout);
  const auto is_on = [](const Position& position) { return position.rate.value_or(0) > 0; };
  const bool any = std::any_of(positions.begin(), positions.end(), is_on);
  if (is_named(dropout.scheme) && !any) {
    std::vector<std::string> keys;
    for (const Position& position : positions)
      if (position.on) keys.push_back(position.key());
    problems.push_back({place_of(tree, "dropout.scheme"), "dropout.scheme",
                        cat(name_of_enum(dropout.scheme), " would drop nothing: ", join(keys, " and "),
                            keys.size() > 1 ? " are 0" : " is 0", "; take scheme: none for that")});
    return;
  }
  if (config.consistency.loss.value_or(ConsistencyLoss::kNone) == ConsistencyLoss::kNone) return;
  const bool others = dropout.pretrained > 0 || (config.method == Method::kLora && config.lora.dropout > 0);
  // What a regression compares is made before the output position.
  const bool regression = task_info(config.task).kind == TaskKind::kRegression;
  const bool counts = std::any_of(positions.begin(), positions.end(), [&](const Position& position) {
    return is_on(position) && !(regression && std::string_view(position.name) == "output");
  });
  if (counts || others) return;
  problems.push_back(
      {place_of(tree, "consistency.loss"), "consistency.loss",
       any ? "both passes would be the same: a regression compares what stands before the output position"
           : "both passes would be the same: no dropout position has a rate above 0"});
}

bool leaves_off(Scheme scheme, std::string_view key) {
  DropoutConfig dropout;
  dropout.scheme = scheme;
  const auto positions = positions_of(dropout);
  return std::any_of(positions.begin(), positions.end(), [&](const Position& position) {
    return !position.on && key.starts_with(cat("dropout.", position.name, "."));
  });
}

void leave_to_scheme(const RunConfig& config, OrderedJson& json, YamlComments& comments) {
  const Scheme scheme = config.dropout.scheme;
  const std::string by = cat(", by the scheme ", name_of_enum(scheme));
  for (const Position& position : positions_of(config.dropout)) {
    const double by_scheme = default_rate(position, scheme);
    if (position.rate != by_scheme || scheme == Scheme::kCustom) continue;
    json["dropout"][position.name]["rate"] = nullptr;
    comments[position.key()] = format_number(by_scheme) + by;
  }
  if (config.consistency.loss != loss_of(scheme)) return;
  json["consistency"]["loss"] = nullptr;
  comments["consistency.loss"] = name_of_enum(loss_of(scheme)) + by;
}

}  // namespace hiddenkey
