#include "report/summary.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

/// The metric of a trial that has finished and has one.
std::optional<double> metric_of(const Study& study, const Trial& trial) {
  if (trial.state != TrialState::kDone) return std::nullopt;
  const auto found = trial.metrics.find(study.metric);
  return found != trial.metrics.end() && found->is_number() ? std::make_optional(found->get<double>()) : std::nullopt;
}

std::map<int64_t, double> by_seed(const Study& study, const std::string& cell) {
  std::map<int64_t, double> values;
  for (const Trial& trial : study.trials) {
    const std::optional<double> value = metric_of(study, trial);
    if (trial.cell == cell && value) values[trial.seed] = *value;
  }
  return values;
}

std::optional<Comparison> compared(const std::map<int64_t, double>& here, const std::map<int64_t, double>& there) {
  std::vector<double> differences;
  for (const auto& [seed, value] : here) {
    const auto other = there.find(seed);
    if (other != there.end()) differences.push_back(value - other->second);
  }
  if (differences.empty()) return std::nullopt;
  Comparison comparison;
  comparison.pairs = static_cast<int64_t>(differences.size());
  comparison.difference = mean(differences);
  comparison.t = paired_t(differences);
  comparison.rank_p = signed_rank_p(differences);
  return comparison;
}

CellSummary summary_of(const Study& study, const std::string& cell) {
  CellSummary summary;
  summary.cell = cell;
  for (const Trial& trial : study.trials) {
    if (trial.cell != cell) continue;
    ++summary.trials;
    summary.failed += trial.state == TrialState::kFailed ? 1 : 0;
  }
  std::vector<double> values;
  for (const auto& [seed, value] : by_seed(study, cell)) values.push_back(value);
  summary.done = static_cast<int64_t>(values.size());
  if (values.empty()) return summary;
  summary.median = median(values);
  summary.mean = mean(values);
  summary.deviation = sample_deviation(values);
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  summary.best = study.higher_is_better ? *most : *least;
  return summary;
}

std::vector<std::string> cells_of(const Study& study) {
  std::vector<std::string> cells;
  std::set<std::string> known;
  for (const Trial& trial : study.trials) {
    if (known.insert(trial.cell).second) cells.push_back(trial.cell);
  }
  return cells;
}

void correct(std::vector<CellSummary>& summaries) {
  std::vector<std::optional<double>> t, rank;
  for (const CellSummary& summary : summaries) {
    const bool has_t = summary.comparison && summary.comparison->t;
    t.push_back(has_t ? std::make_optional(summary.comparison->t->p) : std::nullopt);
    rank.push_back(summary.comparison ? summary.comparison->rank_p : std::nullopt);
  }
  const std::vector<std::optional<double>> t_holm = holm(t), rank_holm = holm(rank);
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    if (!summaries[i].comparison) continue;
    summaries[i].comparison->t_holm = t_holm[i];
    summaries[i].comparison->rank_holm = rank_holm[i];
  }
}

/// The settings of the axes, in their order; nothing where one is missing.
std::optional<std::vector<std::string>> place_of(const Study& study, const Trial& trial) {
  std::vector<std::string> place;
  for (const std::string& axis : study.axes) {
    const auto found = trial.settings.find(axis);
    if (found == trial.settings.end()) return std::nullopt;
    place.push_back(found->dump());
  }
  return place;
}

}  // namespace

std::vector<CellSummary> summarise(const Study& study) {
  std::vector<CellSummary> summaries;
  for (const std::string& cell : cells_of(study)) summaries.push_back(summary_of(study, cell));
  const bool any = std::any_of(summaries.begin(), summaries.end(), [](const CellSummary& s) { return s.done > 0; });
  if (!any) throw DataError(cat(study.name, ": no trial has finished with the metric ", study.metric, " yet"));
  const std::map<int64_t, double> reference = by_seed(study, study.compare_to);
  for (CellSummary& summary : summaries) {
    if (!study.compare_to.empty() && summary.cell != study.compare_to)
      summary.comparison = compared(by_seed(study, summary.cell), reference);
  }
  correct(summaries);
  return summaries;
}

std::vector<AxisShare> main_effects(const Study& study) {
  std::map<std::vector<std::string>, std::vector<double>> grid;
  std::vector<double> all;
  for (const Trial& trial : study.trials) {
    const std::optional<std::vector<std::string>> place = place_of(study, trial);
    const std::optional<double> value = metric_of(study, trial);
    if (!place || !value) continue;
    grid[*place].push_back(*value);
    all.push_back(*value);
  }
  std::vector<std::map<std::string, std::vector<double>>> levels(study.axes.size());
  for (const auto& [place, values] : grid) {
    if (values.size() != grid.begin()->second.size()) return {};
    for (std::size_t axis = 0; axis < place.size(); ++axis) {
      std::vector<double>& level = levels[axis][place[axis]];
      level.insert(level.end(), values.begin(), values.end());
    }
  }
  std::size_t combinations = 1;
  for (const auto& axis : levels) combinations *= axis.size();
  if (all.empty() || grid.size() != combinations) return {};
  const double middle = mean(all);
  double total = 0;
  for (const double value : all) total += (value - middle) * (value - middle);
  if (total == 0) return {};
  std::vector<AxisShare> shares;
  for (std::size_t axis = 0; axis < levels.size(); ++axis) {
    if (levels[axis].size() < 2) continue;
    double sum = 0;
    for (const auto& [name, values] : levels[axis])
      sum += static_cast<double>(values.size()) * (mean(values) - middle) * (mean(values) - middle);
    shares.push_back({study.axes[axis], sum / total});
  }
  return shares;
}

}  // namespace hiddenkey
