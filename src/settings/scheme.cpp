#include "settings/scheme.h"

#include <algorithm>
#include <limits>

#include "core/text.h"
#include "data/task.h"
#include "settings/config_values.h"

namespace hiddenkey {
namespace {

constexpr double kDefaultRate = 0.1;

std::string rate_key(const PositionRow& row) { return cat("dropout.", row.section, ".rate"); }

bool is_named(Scheme scheme) { return scheme != Scheme::kNone && scheme != Scheme::kCustom; }

double default_rate(Scheme scheme, Position position) {
  return is_named(scheme) && drops_at(scheme, position) ? kDefaultRate : 0.0;
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

double settle_rate(const Value& tree, const PositionRow& row, const DropoutConfig& dropout, SchemeLayer& layer,
                   Problems& problems) {
  const Scheme scheme = dropout.scheme;
  const double by_scheme = default_rate(scheme, row.position);
  const double rate = dropout.positions[row.position].rate.value_or(by_scheme);
  const bool drops = drops_at(scheme, row.position);
  if (drops == (rate > 0) || scheme == Scheme::kCustom) return rate;
  const std::string key = rate_key(row);
  if (layer.covers(key)) {
    layer.replace(key, format_number(rate), format_number(by_scheme));
    return by_scheme;
  }
  if (drops) return rate;
  problems.push_back({place_of(tree, key), key,
                      cat("the scheme ", name_of_enum(scheme),
                          " leaves this position off; take scheme: custom to combine positions")});
  return by_scheme;
}

void settle_loss(RunConfig& config, SchemeLayer& layer) {
  std::optional<ConsistencyLoss>& loss = config.consistency.loss;
  const ConsistencyLoss by_scheme = row_of(config.dropout.scheme).loss;
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
  for (const PositionRow& row : kPositionRows)
    dropout.positions[row.position].rate = settle_rate(tree, row, dropout, layer, problems);
  settle_loss(config, layer);
  layer.warn(problems);
}

void check_scheme(const Value& tree, const RunConfig& config, Problems& problems) {
  const DropoutConfig& dropout = config.dropout;
  const auto is_on = [&](const PositionRow& row) { return dropout.is_on(row.position); };
  const bool any = std::any_of(kPositionRows.begin(), kPositionRows.end(), is_on);
  if (is_named(dropout.scheme) && !any) {
    std::vector<std::string> keys;
    for (const PositionRow& row : kPositionRows)
      if (drops_at(dropout.scheme, row.position)) keys.push_back(rate_key(row));
    problems.push_back({place_of(tree, "dropout.scheme"), "dropout.scheme",
                        cat(name_of_enum(dropout.scheme), " would drop nothing: ", join(keys, " and "),
                            keys.size() > 1 ? " are 0" : " is 0", "; take scheme: none for that")});
    return;
  }
  if (config.consistency.loss.value_or(ConsistencyLoss::kNone) == ConsistencyLoss::kNone) return;
  const bool others = dropout.pretrained > 0 || (config.method == Method::kLora && config.lora.dropout > 0);
  // What a regression compares is made before the head's positions.
  const bool regression = task_info(config.task).kind == TaskKind::kRegression;
  const bool counts = std::any_of(kPositionRows.begin(), kPositionRows.end(), [&](const PositionRow& row) {
    return is_on(row) && !(regression && row.part == NetworkPart::kHead);
  });
  if (counts || others) return;
  problems.push_back(
      {place_of(tree, "consistency.loss"), "consistency.loss",
       any ? "both passes would be the same: a regression compares what stands before the output position"
           : "both passes would be the same: no dropout position has a rate above 0"});
}

bool leaves_off(Scheme scheme, std::string_view key) {
  return std::any_of(kPositionRows.begin(), kPositionRows.end(), [&](const PositionRow& row) {
    return !drops_at(scheme, row.position) && key.starts_with(cat("dropout.", row.section, "."));
  });
}

void leave_to_scheme(const RunConfig& config, OrderedJson& json, YamlComments& comments) {
  const Scheme scheme = config.dropout.scheme;
  const std::string by = cat(", by the scheme ", name_of_enum(scheme));
  for (const PositionRow& row : kPositionRows) {
    const double by_scheme = default_rate(scheme, row.position);
    if (config.dropout.positions[row.position].rate != by_scheme || scheme == Scheme::kCustom) continue;
    json["dropout"][row.section]["rate"] = nullptr;
    comments[rate_key(row)] = format_number(by_scheme) + by;
  }
  const ConsistencyLoss loss = row_of(scheme).loss;
  if (config.consistency.loss != loss) return;
  json["consistency"]["loss"] = nullptr;
  comments["consistency.loss"] = name_of_enum(loss) + by;
}

}  // namespace hiddenkey
